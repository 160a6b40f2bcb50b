import { randomBytes } from 'node:crypto'
import type { Connections } from './connections.js'
import { answered, isPassing, protocolError } from './errors.js'
import type { Metadata } from './metadata.js'
import { untilDone } from './patience.js'
import { encodeBatch } from './record-batch.js'
import { deleteTopics } from './requests/delete-topics.js'
import { produce } from './requests/produce.js'
import { findController } from './requests/topics.js'
import type { Topics } from './topics.js'

export interface LoadRun {
  readonly bytes: number
  readonly ms: number
  readonly partitions: number
  readonly replicas: number
}

export interface Scratch {
  /**
   * Writes to a topic of its own, as fast as this one client can, until the time is over or so many bytes are written, and deletes
   * it; also those that an earlier run left behind when it was killed. What it finds is a lower bound of what the cluster can take.
   */
  loadRun(bounds: { readonly forMs: number; readonly mostBytes: number }): Promise<LoadRun>
}

/** MirrorMaker leaves names out that end so (DefaultTopicFilter), whatever else it is told to mirror. */
const prefix = 'floodgate-scratch-'
const suffix = '.internal'
const recordBytes = 1024
const perBatch = 200
const mostReplicas = 3

export function createScratch(
  connections: Connections,
  metadata: Metadata,
  topics: Pick<Topics, 'createTopic'>,
  withinMs: number,
  now: () => number,
): Scratch {
  async function removeScratch(): Promise<void> {
    const found = [...(await metadata.all()).topics.keys()].filter(
      (topic) => topic.startsWith(prefix) && topic.endsWith(suffix),
    )
    if (found.length === 0) return
    const any = await metadata.anyAddress()
    const address = (await connections.send(any, findController())) ?? any
    for (const { topic, error } of await connections.send(address, deleteTopics(found, 1000)))
      if (error && error !== protocolError.unknownTopicOrPartition && !isPassing(error))
        throw answered(error, `Deleting ${topic}`)
  }

  async function leaders(topic: string): Promise<ReadonlyMap<number, string>> {
    let found = new Map<number, string>()
    await untilDone(withinMs, now, async () => {
      const { brokers, topics: states } = await metadata.all()
      const partitions = states.get(topic) ?? []
      found = new Map(
        partitions.flatMap(({ partition, leader }) => {
          const address = brokers.get(leader)
          return address ? [[partition, address] as const] : []
        }),
      )
      return partitions.length > 0 && found.size === partitions.length
        ? undefined
        : answered(protocolError.leaderNotAvailable, `Scratch topic ${topic}`)
    })
    return found
  }

  return {
    async loadRun({ forMs, mostBytes }) {
      await removeScratch()
      const { brokers } = await metadata.of([], 0)
      const [partitions, replicas] = [brokers.size * 2, Math.min(mostReplicas, brokers.size)]
      const topic = `${prefix}${randomBytes(4).toString('hex')}${suffix}`
      try {
        await topics.createTopic({ topic, partitions, replicas, configs: { 'retention.ms': '600000' } })
        const batch = loadBatch(now())
        let bytes = 0
        const led = await leaders(topic)
        const began = now()
        await Promise.all(
          [...led].map(async ([partition, address]) => {
            while (now() - began < forMs && bytes + batch.length <= mostBytes) {
              bytes += batch.length
              const error = await connections.send(address, produce([{ topic, partition }], batch))
              // A broker learns a moment after the others that it leads.
              if (error && !isPassing(error)) throw answered(error, `Writing ${topic}`)
              if (error) bytes -= batch.length
            }
          }),
        )
        return { bytes, ms: Math.max(1, now() - began), partitions, replicas }
      } finally {
        await removeScratch()
      }
    },
  }
}

/** One batch for all of the run, of a producer that is nobody: the same bytes again and again cost this client nothing. */
function loadBatch(timestamp: number): Buffer {
  const records = Array.from({ length: perBatch }, () => ({
    timestamp,
    key: null,
    value: randomBytes(recordBytes),
    headers: [],
  }))
  return encodeBatch(records, { id: -1n, epoch: -1 }, -1)
}
