import { Redis } from 'ioredis'

/**
 * One connection. Commands fail soon while Redis is away instead of queueing up: whoever asked hears it. `blocking`: for
 * those who wait for work on it, without a limit.
 */
export function connectRedis(url: string, onError: (error: Error) => void, { blocking = false } = {}): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: blocking ? null : 1,
    connectTimeout: 2000,
    retryStrategy: (times) => Math.min(times * 100, 1000),
  })
  redis.on('error', onError)
  return redis
}

/** What is wrong with this Redis, as sentences that say what to do. */
export interface UnsafeSettings {
  /** It may lose the log as a whole: nothing is done on it. */
  readonly atAll: readonly string[]
  /** A crash may cost the log its last second: enough for a rehearsal, not for a real run. */
  readonly forRealRuns: readonly string[]
}

export async function unsafeSettings(redis: Redis): Promise<UnsafeSettings> {
  const setting = async (name: string) => ((await redis.config('GET', name)) as string[])[1] ?? ''
  const [appendonly, fsync, policy] = await Promise.all([
    setting('appendonly'),
    setting('appendfsync'),
    setting('maxmemory-policy'),
  ])
  return {
    atAll: [
      ...(appendonly === 'yes'
        ? []
        : [`appendonly is ${appendonly}: set it to yes, or a restart of Redis loses the log`]),
      ...(policy === 'noeviction'
        ? []
        : [`maxmemory-policy is ${policy}: set it to noeviction, or Redis may throw the log away`]),
    ],
    forRealRuns:
      fsync === 'always'
        ? []
        : [
            `appendfsync is ${fsync}: set it to always (CONFIG SET appendfsync always, and in redis.conf), or a crash loses the last second (waterline, replica counts).`,
          ],
  }
}
