import type { Call } from './call.js'

/** DeleteTopics v1. */
export function deleteTopics(topics: readonly string[], timeoutMs: number): Call<{ topic: string; error: number }[]> {
  return {
    name: 'DeleteTopics',
    apiKey: 20,
    apiVersion: 1,
    heldMs: timeoutMs,
    write: (body) => body.array(topics, (topic) => body.string(topic)).int32(timeoutMs),
    read: (body) => {
      body.int32()
      return body.array(() => ({ topic: body.string(), error: body.int16() }))
    },
  }
}
