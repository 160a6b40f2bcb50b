import type { Redis } from 'ioredis'

/** A ring of the newest points of each series; a series is side, group and topic. Encoding is the caller's. */
export function createSampleStore<Point>(
  redis: Redis,
  key: string,
  codec: { encode(point: Point): string; decode(text: string): Point },
  kept: number,
) {
  const group = (side: string, name: string) => `${key}:${side}:${name}`
  return {
    async push(side: string, name: string, topic: string, point: Point): Promise<void> {
      const series = `${group(side, name)}:${topic}`
      await redis
        .multi()
        .sadd(group(side, name), topic)
        .rpush(series, codec.encode(point))
        .ltrim(series, -kept, -1)
        .exec()
    },
    async read(side: string, name: string, newest = kept): Promise<ReadonlyMap<string, readonly Point[]>> {
      const topics = await redis.smembers(group(side, name))
      const series = await Promise.all(
        topics.map((topic) => redis.lrange(`${group(side, name)}:${topic}`, -newest, -1)),
      )
      return new Map(topics.map((topic, i) => [topic, series[i]!.map(codec.decode)]))
    },
  }
}
