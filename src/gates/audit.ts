import { z } from 'zod'
import { durationMs, sayDuration } from '../config/duration.js'
import { type AuditedTopic, auditFact, readFact } from '../proof/facts.js'
import { gate } from './gate.js'
import { standingWaterline } from './reading/copies.js'
import { at, count, few } from './reading/say.js'

/** How old an audit may be while records still come by mirror; where the mirror has ended, it has to be from after that. */
const args = z.strictObject({ age: durationMs.default(86_400_000) })

export const audit = gate<object, z.infer<typeof args>>({
  name: 'audit',
  proves:
    'the newest audit of every topic compared all records of both clusters and found none missing, doubled or altered',
  args,
  async measure(_, { age }, look) {
    const waterline = await standingWaterline(look)
    const audited = readFact(auditFact, await look.fact('audit'))?.topics ?? {}
    const newer = waterline?.at ?? look.now - age
    const { topics } = look.migration
    const known = topics.flatMap((topic): [string, AuditedTopic][] => {
      const one = audited[topic]
      return one && one.at > newer ? [[topic, one]] : []
    })
    const evidence = { audited: Object.fromEntries(known) }

    const wrong = known.filter(([, one]) => one.differing > 0)
    if (wrong.length > 0) {
      const records = wrong.reduce((sum, [, one]) => sum + one.differing, 0)
      return {
        verdict: 'failed',
        reason: 'differs',
        evidence,
        text: `${count(records, 'record')} of ${few(wrong.map(([topic]) => topic))} ${records === 1 ? 'differs' : 'differ'}: ${few(
          wrong.flatMap(([, { differences }]) => differences),
          6,
        )}. When that is mended, ask again: ${toType(wrong.map(([topic]) => topic))}`,
      }
    }
    const missing = topics.filter((topic) => !known.some(([name]) => name === topic))
    if (missing.length > 0)
      return {
        verdict: 'inconclusive',
        reason: 'not-audited',
        evidence,
        text: `${few(missing)} ${missing.length === 1 ? 'has' : 'have'} not been audited ${
          waterline ? `since the mirror ended at ${at(waterline.at)}` : `in the last ${sayDuration(age)}`
        }: type ${toType(missing)}`,
      }
    const partly = known.filter(([, one]) => one.left > 0 || one.unexamined > 0)
    if (partly.length > 0)
      return {
        verdict: 'inconclusive',
        reason: 'incomplete',
        evidence,
        text: `Nothing was found to differ, but not all of ${few(partly.map(([topic]) => topic))} could be compared: ${few(
          partly.map(([topic, { left, unexamined }]) =>
            left > 0
              ? `${count(left, 'partition')} of ${topic} could not be read`
              : `${count(unexamined, 'span')} of time of ${topic} differ in sum and were too many or too large to be taken apart`,
          ),
        )}. Ask again: ${toType(partly.map(([topic]) => topic))}`,
      }
    const skipped = known.filter(([, one]) => one.skipped !== undefined)
    const leftOut = few(skipped.map(([topic, one]) => `${topic}, since ${one.skipped}`))
    if (skipped.length === known.length)
      return {
        verdict: 'inconclusive',
        reason: 'nothing-compared',
        evidence,
        text: `No topic could be compared record by record: ${leftOut}. Take the gate audit out of the runbook`,
      }
    const sum = (side: 'source' | 'target') => known.reduce((all, [, { records }]) => all + records[side], 0)
    const oldest = Math.min(...known.map(([, one]) => one.at))
    return {
      verdict: 'passed',
      evidence,
      text: `${count(sum('source'), 'record')} of the source and ${sum('target').toLocaleString('en')} of the target were compared, ${
        waterline ? 'up to the waterline' : 'up to the log ends of then'
      }, at the longest ${sayDuration(look.now - oldest)} ago: none is missing, doubled or altered${
        skipped.length > 0 ? `. Left out: ${leftOut}` : ''
      }`,
    }
  },
})

const toType = (topics: readonly string[]): string =>
  topics.length === 1 ? `/migrate audit ${topics[0]}` : '/migrate audit'
