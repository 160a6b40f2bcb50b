import type { Redis } from 'ioredis'

/** The log as a Redis list of JSON lines; `Entry` is the caller's. */
export function createLogStore<Entry>(redis: Redis, key: string) {
  redis.defineCommand('appendAt', { numberOfKeys: 1, lua: appendAt })
  const withAppend = redis as Redis & { appendAt(key: string, version: number, ...entries: string[]): Promise<number> }
  return {
    /** Entries after `version` and Redis's clock, in one round trip. */
    async readAfter(version: number): Promise<{ entries: readonly Entry[]; now: number }> {
      const [lines, time] = await reply(redis.multi().lrange(key, version, -1).time().exec())
      const [seconds, microseconds] = (time as unknown[]).map(Number)
      return {
        entries: (lines as string[]).map((line) => JSON.parse(line) as Entry),
        now: seconds! * 1000 + Math.floor(microseconds! / 1000),
      }
    },
    async append(version: number, entries: readonly Entry[]): Promise<boolean> {
      return (await withAppend.appendAt(key, version, ...entries.map((entry) => JSON.stringify(entry)))) === 1
    },
  }
}

/** All or nothing, and only on the version that was decided on; in portions, since `unpack` takes no more than some 8,000. */
const appendAt = `
if redis.call('LLEN', KEYS[1]) ~= tonumber(ARGV[1]) then return 0 end
for i = 2, #ARGV, 1000 do redis.call('RPUSH', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
return 1`

async function reply(results: Promise<[Error | null, unknown][] | null>): Promise<unknown[]> {
  return ((await results) ?? []).map(([error, value]) => {
    if (error) throw error
    return value
  })
}
