/** What was seen at a time. */
export type Sample<T> = {
  readonly at: number
  readonly seen: T
}

/** The oldest sample that still counts, and one to go on from when it no longer does. */
export type Window<T> = {
  readonly base: Sample<T>
  readonly mid: Sample<T>
}

/** Measures from the oldest sample that is at most `overMs` old, so that a short lull does not decide and a long past does not either. */
export function slide<T>(last: Window<T> | undefined, sample: Sample<T>, overMs: number): Window<T> {
  if (!last) return { base: sample, mid: sample }
  if (sample.at - last.base.at > overMs) return { base: last.mid, mid: sample }
  return sample.at - last.mid.at > overMs / 2 && last.mid.at === last.base.at ? { base: last.base, mid: sample } : last
}
