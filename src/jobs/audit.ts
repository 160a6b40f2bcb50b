import { FlowProducer, Queue, Worker } from 'bullmq'
import type { Connection } from './queues.js'

const [whole, part] = ['audit', 'audit-partition']
const attempts = 5
/** What was found is told for about two hours, however long Slack is away. */
const toldAttempts = 13
/** A part may take long, and a replica that died in it is noticed within half a minute. */
const recovery = { lockDuration: 30_000, stalledInterval: 10_000, maxStalledCount: 10 }

export interface AuditQueue<Plan> {
  /** Whether the parts of that audit have been handed out; one that gave up is taken up again. */
  goesOn(id: string): Promise<boolean>
  /** Hands the parts to whichever replicas have time. */
  begin(id: string, parts: readonly Plan[], about: object): Promise<void>
  stop(): Promise<void>
}

/** Where parts are handed out. Which audit is under way is for the log to say, and that there is one at a time. */
export function openAudits<Plan extends object>(connection: () => Connection, prefix: string): AuditQueue<Plan> {
  const shared = connection()
  const flow = new FlowProducer({ connection: shared, prefix })
  const queue = new Queue(whole, { connection: shared, prefix })
  return {
    async goesOn(id) {
      const job = await queue.getJob(id)
      if (await job?.isFailed()) await job?.retry()
      return job !== undefined
    },
    async begin(id, parts, about) {
      const backoff = { type: 'exponential', delay: 2000 }
      const keep = { removeOnComplete: { age: 86_400 }, removeOnFail: { age: 86_400 } }
      await flow.add({
        name: whole,
        queueName: whole,
        data: about,
        opts: { attempts: toldAttempts, backoff, ...keep, jobId: id },
        children: parts.map((data, i) => ({
          name: part,
          queueName: part,
          data,
          // One that cannot be compared is named in the result; the others still count. The id: handed out twice, it is done once.
          opts: { attempts, backoff, ...keep, jobId: `${id}-${i}`, ignoreDependencyOnFailure: true },
        })),
      })
    },
    async stop() {
      await Promise.all([flow.close(), queue.close()])
      shared.disconnect()
    },
  }
}

export interface AuditWork<Plan, Result, About> {
  readonly one: (part: Plan) => Promise<Result>
  /** Called once all parts are done; again where it throws. `failed`: why parts could not be done. */
  readonly done: (results: readonly Result[], failed: readonly string[], about: About, id: string) => Promise<void>
}

/** One part at a time on each replica, so that rates add up and the bot's own work goes on beside it. */
export function workAudits<Plan, Result, About>(
  connection: () => Connection,
  prefix: string,
  work: AuditWork<Plan, Result, About>,
  onError: (error: Error) => void,
): { stop(): Promise<void> } {
  const connections = [connection(), connection()] as const
  const workers = [
    new Worker<Plan, Result>(part, ({ data }) => work.one(data), { connection: connections[0], prefix, ...recovery }),
    new Worker<About>(
      whole,
      async (job) => {
        const results = Object.values(await job.getChildrenValues<Result>())
        const failed = Object.values(await job.getIgnoredChildrenFailures())
        await work.done(results, failed, job.data, job.id ?? '')
      },
      { connection: connections[1], prefix, ...recovery },
    ),
  ]
  for (const worker of workers) worker.on('error', onError).on('failed', (_job, error) => onError(error))
  return {
    async stop() {
      // Not waited for: a part that is cut short is begun anew, by whichever replica comes first.
      await Promise.all(workers.map((worker) => worker.close(true)))
      for (const one of connections) one.disconnect()
    },
  }
}
