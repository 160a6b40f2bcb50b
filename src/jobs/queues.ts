import { type ConnectionOptions, Queue, Worker } from 'bullmq'

/** One kind of work of which, over all replicas, one job runs at a time. */
export interface Round {
  readonly name: string
  /** Does one round; comes back after so many milliseconds, at once for 0, when woken for null. */
  readonly run: () => Promise<number | null>
  /** A round at least this often: finds what a lost wake-up left. */
  readonly everyMs: number
}

export interface Jobs {
  /** A hint that there may be something to do; may be lost, may come twice. */
  wake(name: string): void
  stop(): Promise<void>
}

/** A Redis connection that blocks without a deadline on commands, as BullMQ wants it. */
export type Connection = ConnectionOptions & { disconnect(): void }

/** Rounds in a row without going through the queue: bounded, so that a job never holds its lock for long. */
const roundsInARow = 50
/** kill -9 to the next replica going on: 2.7 s with these, 60 s with BullMQ's own. */
const recovery = { lockDuration: 3000, stalledInterval: 1000, maxStalledCount: 1_000_000 }

/** BullMQ queues for these rounds. `connection` makes a new Redis connection for each use; BullMQ's workers block theirs. */
export async function startJobs(
  connection: () => Connection,
  prefix: string,
  rounds: readonly Round[],
  onError: (error: Error) => void,
): Promise<Jobs> {
  const shared = connection()
  const started = await Promise.all(rounds.map((round) => start(round)))
  return {
    wake: (name) => started.find((one) => one.name === name)?.wake(),
    stop: async () => {
      await Promise.all(started.map((one) => one.stop()))
      shared.disconnect()
    },
  }

  async function start({ name, run, everyMs }: Round) {
    const queue = new Queue(name, {
      connection: shared,
      prefix,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: 100 },
    })
    queue.on('error', onError)
    await queue.setGlobalConcurrency(1)
    await queue.upsertJobScheduler(name, { every: everyMs }, { name: 'scheduled' })
    const blocking = connection()
    let stopping = false
    const worker = new Worker(
      name,
      async () => {
        for (let i = 0; i < roundsInARow && !stopping; i++) {
          const again = await run()
          if (again !== 0) return again
        }
        return 0
      },
      { connection: blocking, prefix, ...recovery },
    )
    worker.on('error', onError)
    worker.on('failed', (_job, error) => onError(error))
    worker.on('completed', (_job, again: number | null) => {
      if (again !== null && !stopping) add('later', again)
    })
    const add = (kind: 'wake' | 'later', delay: number) =>
      void queue.add(kind, {}, { delay, deduplication: { id: kind, keepLastIfActive: true } }).catch(onError)
    return {
      name,
      wake: () => add('wake', 0),
      stop: async () => {
        stopping = true
        await worker.close()
        await queue.close()
        blocking.disconnect()
      },
    }
  }
}
