import { append } from '../maps.js'

/** Groups what names a topic, since the protocol writes each topic's name once. */
export function byTopic<T extends { readonly topic: string }>(items: readonly T[]): [string, T[]][] {
  const topics = new Map<string, T[]>()
  for (const item of items) append(topics, item.topic, item)
  return [...topics]
}
