import { expect, it } from '@jest/globals'
import { audit } from '../../src/gates/audit.js'
import type { AuditedTopic } from '../../src/proof/facts.js'
import type { Json } from '../../src/runbook/json.js'
import { createLooks, migrationOf } from './look.js'

it('does not pass where no topic could be compared at all; beside one that was, the others are named', async () => {
  const topic = (partitions: number, skipped?: string): AuditedTopic => ({
    at: Date.now(),
    by: 'Alice',
    partitions,
    left: 0,
    records: { source: partitions, target: partitions },
    differing: 0,
    unexamined: 0,
    ...(skipped === undefined ? {} : { skipped }),
    differences: [],
  })
  const measure = (orders: AuditedTopic) => {
    const topics = { prices: topic(0, 'it is compacted'), orders }
    const facts = new Map<string, Json>([['audit', JSON.parse(JSON.stringify({ topics }))]])
    return createLooks({}, migrationOf(['prices', 'orders'], [{ name: 'app' }]), facts)(audit)
  }
  expect(await measure(topic(0, 'it is compacted'))).toMatchObject({
    verdict: 'inconclusive',
    reason: 'nothing-compared',
  })
  expect(await measure(topic(3))).toMatchObject({
    verdict: 'passed',
    text: expect.stringContaining('Left out: prices, since it is compacted'),
  })
})
