/** Slack waits three seconds for an acknowledgement; this leaves it some of them. */
const withinMs = 2500

export interface Answering<T> {
  /** Acknowledges with the answer. */
  readonly answer: (heard: T) => Promise<void>
  /** Acknowledges before the answer is known. */
  readonly hold: () => Promise<void>
  /** Answers after that. */
  readonly later: (heard: T) => Promise<void>
}

/** Append first, then acknowledge; but Slack is told in time, and the person in any case. */
export async function inTime<T>(work: Promise<T>, { answer, hold, later }: Answering<T>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), withinMs)
  })
  const first = await Promise.race([work.then((heard) => ({ heard })), late])
  clearTimeout(timer)
  if (first !== 'late') return answer(first.heard)
  await hold()
  await later(await work)
}
