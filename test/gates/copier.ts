import { actions } from '../../src/actions/index.js'
import type { Migration } from '../../src/config/migration.js'
import { createKafka } from '../../src/connect/kafka/kafka.js'
import type { Json } from '../../src/runbook/json.js'
import type { Effect } from '../../src/runbook/language.js'

/** What a replica that copies back is given; it performs the effects one after the other until it is killed. */
export interface Copying {
  readonly bootstrap: { readonly source: readonly string[]; readonly target: readonly string[] }
  readonly migration: Migration
  readonly facts: Readonly<Record<string, Json>>
  readonly effects: readonly Effect[]
}

process.once('message', async (given) => {
  const { bootstrap, migration, facts, effects } = given as Copying
  const client = (side: 'source' | 'target') => createKafka({ bootstrap: bootstrap[side], clientId: 'copier' })
  const deps = { kafka: { source: client('source'), target: client('target') } }
  const fact = async (name: string) => facts[name]
  for (const effect of effects)
    await actions
      .get(effect.action)!
      .perform(deps as never, effect, { now: Date.now(), migration, fact, stillMine: async () => {} })
  process.send?.('done')
})
