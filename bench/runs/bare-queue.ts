import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'

/** Milliseconds from adding a job to its start, one job after the other. */
export async function addToStart(url: string, jobs: number): Promise<readonly number[]> {
  const connections = [0, 1].map(() => new Redis(url, { maxRetriesPerRequest: null }))
  const queue = new Queue('bare', { connection: connections[0]! })
  let started = () => {}
  const worker = new Worker('bare', async () => started(), { connection: connections[1]! })
  await worker.waitUntilReady()
  const took: number[] = []
  for (let i = 0; i < jobs; i++) {
    const start = new Promise<void>((resolve) => (started = resolve))
    const begun = performance.now()
    await queue.add('job', {}, { removeOnComplete: true })
    await start
    took.push(performance.now() - begun)
  }
  await worker.close()
  await queue.close()
  for (const connection of connections) connection.disconnect()
  return took
}
