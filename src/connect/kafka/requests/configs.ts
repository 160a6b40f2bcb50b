import type { ConfigEntry } from '../types.js'
import type { Call } from './call.js'

export interface DescribedResource {
  readonly error: number
  readonly name: string
  readonly entries: readonly ConfigEntry[]
}

/** The protocol's resource types. */
const types = { topic: 2, broker: 4 } as const
export type Resource = keyof typeof types

/** Of a config's sources (DescribeConfigsResponse.json): 1 is the topic's own override, 2 and 3 are set at run time on brokers. */
const ownOverride = { topic: [1], broker: [2, 3, 4] } as const

/** DescribeConfigs v1: of every key, or of the named ones, the effective value and whether it is set there or inherited. */
export function describeConfigs(
  resource: Resource,
  names: readonly string[],
  keys: readonly string[] | null = null,
): Call<DescribedResource[]> {
  return {
    name: 'DescribeConfigs',
    apiKey: 32,
    apiVersion: 1,
    write: (body) =>
      body
        .array(names, (name) =>
          body
            .int8(types[resource])
            .string(name)
            .array(keys, (key) => body.string(key)),
        )
        .int8(0),
    read: (body) => {
      body.int32()
      return body.array(() => {
        const error = body.int16()
        body.nullableString()
        body.int8()
        const name = body.string()
        const entries = body.array(() => {
          const key = body.string()
          const value = body.nullableString()
          body.int8()
          const source = body.int8()
          const secret = body.int8() !== 0
          body.array(() => {
            body.string()
            body.nullableString()
            body.int8()
          })
          return { key, value, set: (ownOverride[resource] as readonly number[]).includes(source), secret }
        })
        return { error, name, entries: entries.filter((one) => !one.secret).map(({ secret: _, ...one }) => one) }
      })
    },
  }
}
