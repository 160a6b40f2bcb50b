import { z } from 'zod'
import { dropped, isOlder, oldestUnderstood, type Spoken } from '../proof/versions.js'
import { gate } from './gate.js'
import type { OnKafka } from './reading/clients.js'
import { few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

interface Speaks {
  /** Of each request, which versions all brokers speak. */
  spoken(): Promise<readonly Spoken[]>
}

const args = z.strictObject({
  /** The oldest Kafka client library that any app uses, asked of their owners: brokers do not tell. */
  clients: z
    .string()
    .regex(/^\d+\.\d+(\.\d+)*$/, 'expected a version such as "2.1"')
    .optional(),
})

export const versions = gate<OnKafka<Speaks>, z.infer<typeof args>>({
  name: 'versions',
  proves:
    'what apps can say to the source the target understands too, or their clients are declared to be young enough',
  args,
  measure: ({ kafka }, { clients }) =>
    unlessUnreadable(async () => {
      const [source, target] = await Promise.all([kafka.source.spoken(), kafka.target.spoken()])
      const gone = dropped(source, target)
      const evidence = { dropped: [...gone], clients: clients ?? null }
      if (gone.length === 0)
        return {
          verdict: 'passed',
          evidence,
          text: 'The target understands every request of apps that the source understands',
        }
      const what = `The target no longer understands ${few(gone)}, which is how clients older than ${oldestUnderstood} speak`
      if (clients === undefined)
        return {
          verdict: 'failed',
          reason: 'unasked',
          evidence,
          text: `${what}. Ask the owners for the oldest client in use and declare it: versions: { clients: "${oldestUnderstood}" }`,
        }
      if (isOlder(clients, oldestUnderstood))
        return { verdict: 'failed', reason: 'too-old', evidence, text: `${what}, and clients of ${clients} are in use` }
      return { verdict: 'passed', evidence, text: `${what}; the oldest in use are declared to be of ${clients}` }
    }),
})
