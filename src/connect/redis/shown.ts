import type { Redis } from 'ioredis'

/** A hash whose fields change only from what they were known to be. */
export function createSwapHash(redis: Redis, key: string) {
  redis.defineCommand('swapField', { numberOfKeys: 1, lua: swap })
  const withSwap = redis as Redis & {
    swapField(key: string, field: string, known: 0 | 1, was: string, keep: 0 | 1, next: string): Promise<number>
  }
  return {
    all: async (): Promise<ReadonlyMap<string, string>> => new Map(Object.entries(await redis.hgetall(key))),
    swap: async (field: string, was: string | null, next: string | null): Promise<boolean> =>
      (await withSwap.swapField(key, field, was === null ? 0 : 1, was ?? '', next === null ? 0 : 1, next ?? '')) === 1,
  }
}

const swap = `
local now = redis.call('HGET', KEYS[1], ARGV[1])
local expected = false
if ARGV[2] == '1' then expected = ARGV[3] end
if now ~= expected then return 0 end
if ARGV[4] == '1' then redis.call('HSET', KEYS[1], ARGV[1], ARGV[5]) else redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1`
