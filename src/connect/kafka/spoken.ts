import type { Connections } from './connections.js'
import { answered } from './errors.js'
import type { Metadata } from './metadata.js'
import { type ApiRange, apiVersions } from './requests/api-versions.js'

export interface Speaks {
  /** Of each request, the versions that every broker of the cluster speaks. */
  spoken(): Promise<readonly ApiRange[]>
}

export function createSpoken(connections: Connections, metadata: Metadata): Speaks {
  return {
    async spoken() {
      const { brokers } = await metadata.of([], 0)
      const answers = await Promise.all(
        [...brokers.values()].map(async (address) => {
          const { error, ranges } = await connections.send(address, apiVersions())
          if (error) throw answered(error, `The versions of broker ${address}`)
          return ranges
        }),
      )
      const common = new Map<number, ApiRange>()
      for (const { key, min, max } of answers.flat()) {
        const known = common.get(key)
        common.set(
          key,
          known ? { key, min: Math.max(min, known.min), max: Math.min(max, known.max) } : { key, min, max },
        )
      }
      return [...common.values()]
    },
  }
}
