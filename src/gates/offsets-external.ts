import { z } from 'zod'
import { readFact, waterlineFact } from '../proof/facts.js'
import { fromJson, ofTopics, toJson } from '../proof/offsets.js'
import { gate } from './gate.js'
import { count, few } from './reading/say.js'

const args = z.strictObject({})

export const offsetsExternal = gate<unknown, z.infer<typeof args>>({
  name: 'offsets-external',
  proves:
    'no app keeps its positions where nobody else can set them, or its owner has given a word that it starts where it should',
  args,
  needs: ['waterline'],
  async measure(_deps, _args, look) {
    const apps = look.migration.apps.filter(({ offsets }) => offsets !== 'group')
    if (apps.length === 0)
      return { verdict: 'passed', text: 'No app keeps its positions elsewhere, or their owners have given a word' }
    const fact = readFact(waterlineFact, await look.fact('waterline'))
    const waterline = fromJson(fact?.offsets ?? {})
    return {
      verdict: 'failed',
      reason: 'external',
      // The table that an owner needs: where it has to start on the target, per partition.
      evidence: {
        waterline: Object.fromEntries(apps.map((app) => [app.name, toJson(ofTopics(waterline, app.consumes))])),
      },
      text: `${count(apps.length, 'app')} ${apps.length === 1 ? 'keeps its' : 'keep their'} positions elsewhere: ${few(
        apps.map(
          (app) =>
            `${app.name} (${app.offsets === 'none' ? 'reads from the start' : 'external'}${app.owner ? `, of ${app.owner}` : ''})`,
        ),
      )}. It has to start at the waterline: ${few(apps.flatMap((app) => app.consumes).map((topic) => `${topic} ${[...(waterline.get(topic)?.values() ?? [])].join(' ')}`))}. When that is so: /migrate word APP REASON`,
    }
  },
})
