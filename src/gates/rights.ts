import { z } from 'zod'
import { type Migration, type Side, sides } from '../config/migration.js'
import type { AclOperation } from '../connect/kafka/types.js'
import { gate } from './gate.js'
import type { OnConnect, ReadsOwnRights } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'
import { connectValve } from './reading/valve.js'
import { type CarriesOffsets, takesOffsets } from './reading/valve-offsets.js'

interface Needed {
  readonly cluster: readonly AclOperation[]
  readonly topic: readonly AclOperation[]
}

/** What the shipped runbooks ask of each side; deploy/migration.yaml says it to people, with what cannot be asked for here. */
const needed: Readonly<Record<Side, Needed> & { books: Needed['topic'] }> = {
  source: { cluster: ['describe', 'describe-configs', 'alter'], topic: ['read', 'describe', 'describe-configs'] },
  target: {
    cluster: ['describe', 'describe-configs', 'alter'],
    topic: ['read', 'describe', 'describe-configs', 'alter', 'alter-configs'],
  },
  /** The topic in which workers of the valve keep their offsets; to be written where REST takes none. */
  books: ['read', 'describe'],
}

const args = z.strictObject({})

type Deps = ReadsOwnRights & OnConnect<Pick<CarriesOffsets, 'version'>>

export const rights = gate<Deps, z.infer<typeof args>>({
  name: 'rights',
  proves:
    "the bot's own Kafka user may do on both sides what the runbooks do; rights on groups show when groups are read",
  args,
  measure: ({ kafka, connect }, _, { migration }) =>
    unlessUnreadable(async () => {
      const missing = await Promise.all(
        sides.map(async (side) => {
          const books = await valveBooks(connect, migration, side)
          const own = await kafka[side].ownRights([...migration.topics, ...books.keys()])
          const lacks = (on: string, needs: readonly AclOperation[], may: readonly AclOperation[]) => {
            const left = needs.filter((one) => !may.includes(one))
            return left.length > 0 ? [`${left.map(word).join(', ')} of ${on} on the ${side}`] : []
          }
          return [
            ...lacks('the cluster', needed[side].cluster, own.cluster),
            // A topic that is not there is for other gates to miss.
            ...[...own.topics].flatMap(([topic, may]) =>
              lacks(`topic ${topic}`, books.get(topic) ?? needed[side].topic, may),
            ),
          ]
        }),
      )
      const all = missing.flat()
      if (all.length > 0)
        return {
          verdict: 'failed',
          reason: 'right-missing',
          evidence: { missing: all },
          text: `The bot's Kafka user lacks ${count(all.length, 'right')}: ${few(all, 5)}; give them by ACL or KafkaUser, as deploy/migration.yaml lists them`,
        }
      return { verdict: 'passed', text: "The bot's Kafka user may do on both sides what the runbooks do" }
    }),
})

/** Of the topic in which the valve keeps its offsets on a side, where one is named, what is needed. */
async function valveBooks(
  connect: Deps['connect'],
  migration: Migration,
  side: Side,
): Promise<ReadonlyMap<string, readonly AclOperation[]>> {
  const { url, offsets } = connectValve(migration)?.[side] ?? {}
  if (!url || !offsets) return new Map()
  return new Map([[offsets, takesOffsets(await connect(url).version()) ? needed.books : [...needed.books, 'write']]])
}

/** `describe-configs` as the tools of Kafka have it. */
const word = (operation: AclOperation) => operation.replaceAll('-', '_').toUpperCase()
