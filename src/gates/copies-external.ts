import { z } from 'zod'
import type { Offsets } from '../connect/kafka/types.js'
import { provenanceKey } from '../proof/copies.js'
import { certificateFact, copyFact, readFact, waterlineFact } from '../proof/facts.js'
import { fromJson, offsetOf } from '../proof/offsets.js'
import { gate } from './gate.js'
import { count, few } from './reading/say.js'

const args = z.strictObject({})

export const copiesExternal = gate<unknown, z.infer<typeof args>>({
  name: 'copies-external',
  proves:
    'no app keeps its positions where nobody else can set them, or its owner has given a word that it goes on at the copy of its next unread record',
  args,
  needs: ['copy'],
  async measure(_deps, _args, look) {
    // One that reads from the start finds each record on the source once, and needs no position.
    const apps = look.migration.apps.filter(({ offsets }) => offsets === 'external')
    if (apps.length === 0)
      return { verdict: 'passed', text: 'No app keeps its positions elsewhere, or their owners have given a word' }
    const mirrored = readFact(waterlineFact, await look.fact('waterline'))
    const copy = readFact(copyFact, await look.fact('copy'))
    const drained = readFact(certificateFact, await look.fact('certificate'))?.source
    const waterline = fromJson(mirrored?.offsets ?? {})
    const read = fromJson(copy?.ends.target ?? {})
    const first = fromJson(drained?.ends ?? {})
    const end = fromJson(copy?.ends.source ?? {})
    // The table that an owner needs: what lies where, per partition.
    const tables = apps.map((app) => ({
      app,
      partitions: app.consumes.flatMap((topic) =>
        [...(end.get(topic)?.keys() ?? [])].map((partition) => {
          const at = (offsets: Offsets) => String(offsetOf(offsets, { topic, partition }) ?? '?')
          return {
            topic,
            partition,
            target: { from: at(waterline), to: at(read) },
            source: { from: at(first), to: at(end) },
          }
        }),
      ),
    }))
    const lines = tables.flatMap(({ partitions }) =>
      partitions.map(
        ({ topic, partition, target, source }) =>
          `${topic}-${partition}: target ${target.from} to ${target.to} lies on the source at ${source.from} to ${source.to}`,
      ),
    )
    return {
      verdict: 'failed',
      reason: 'external',
      evidence: { copies: Object.fromEntries(tables.map(({ app, partitions }) => [app.name, partitions])) },
      text: `${count(apps.length, 'app')} ${apps.length === 1 ? 'keeps its' : 'keep their'} positions elsewhere: ${few(
        apps.map((app) => `${app.name}${app.owner ? `, of ${app.owner}` : ''}`),
      )}. On the source it goes on at the copy of the next record that it has not read on the target: ${few(lines)}. Each copy's last header, ${provenanceKey}, names the target offset that it came from; who has read all of it goes on at the end. When that is so: /migrate word APP REASON`,
    }
  },
})
