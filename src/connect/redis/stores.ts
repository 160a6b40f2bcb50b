import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { Redis } from 'ioredis'

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

/** Full results by digest, compressed, kept as long as the log. */
export function createEvidenceStore(redis: Redis, key: string) {
  return {
    async put(digest: string, content: string): Promise<void> {
      await redis.hsetnx(key, digest, await deflate(content))
    },
    async get(digest: string): Promise<string | null> {
      const found = await redis.hgetBuffer(key, digest)
      return found && (await inflate(found)).toString()
    },
  }
}

/** One JSON value under a key that may be lost at any time. */
export function createScratch<T>(redis: Redis, key: string, keptSeconds: number) {
  return {
    get: async (name: string): Promise<T | undefined> => {
      const text = await redis.get(`${key}:${name}`)
      return text === null ? undefined : (JSON.parse(text) as T)
    },
    set: async (name: string, value: T): Promise<void> => {
      await redis.set(`${key}:${name}`, JSON.stringify(value), 'EX', keptSeconds)
    },
  }
}
