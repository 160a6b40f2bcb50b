import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { postOnce } from '../../src/slack/announce/once.js'
import { type AuditResult, auditLines, auditMessage } from '../../src/slack/messages/audit.js'
import { startLab } from './lab.js'

const equal = {
  topic: 'orders',
  partition: 0,
  records: { source: 30, target: 30 },
  differences: [],
  differing: 0,
  unexamined: 0,
}
const wrong = {
  topic: 'orders',
  partition: 1,
  records: { source: 30, target: 31 },
  differences: [
    'orders-1: 7 records of 2024-01-01 10:00 UTC to 2024-01-01 10:01 UTC',
    'orders-1: source offset 2 is missing on the target',
    'orders-1: and 6 more',
  ],
  differing: 7,
  unexamined: 0,
}
const result: AuditResult = { partitions: [equal], skipped: [], failed: [], by: 'alice' }

describe('what an audit has found', () => {
  it('is one sentence where nothing differs', () => {
    expect(auditLines(result)).toEqual([
      'Audit, asked for by alice: Nothing is missing, doubled or altered: 30 records of the source and 30 of the target on 1 partition were compared.',
    ])
  })

  it('names what differs', () => {
    expect(auditLines({ ...result, partitions: [equal, wrong] })).toEqual([
      'Audit, asked for by alice: 7 records differ on 1 partition of 2: 60 records of the source and 61 of the target on 2 partitions were compared.',
      ...wrong.differences,
    ])
  })

  it('never says that all is well where something could not be compared', () => {
    const failed = ['orders-3 has no leader']
    const skipped = [{ topic: 'table', why: 'it is compacted' }]
    const lines = auditLines({ ...result, failed, skipped })
    expect(lines[0]).toContain('Nothing was found to differ, but not all could be compared')
    expect(lines.slice(1)).toEqual(['orders-3 has no leader', 'table is left out: it is compacted'])
    expect(auditLines({ ...result, partitions: [] })[0]).toContain('not all could be compared')
    const unexamined = auditLines({ ...result, partitions: [{ ...equal, unexamined: 2 }] })
    expect(unexamined[0]).toContain('not all could be compared')
    expect(unexamined[1]).toMatch(/^orders-0: 2 spans of time .* were not examined/)
  })
})

describe('a message that never changes', () => {
  let lab: Awaited<ReturnType<typeof startLab>>
  beforeAll(async () => {
    lab = await startLab()
  })
  afterAll(() => lab.stop())

  it('is taken by Slack at its longest, and stands once however often it is tried', async () => {
    const many = Array.from({ length: 300 }, (_, partition) => ({
      ...wrong,
      topic: ' <!channel> & '.repeat(5),
      partition,
      differences: Array.from({ length: 30 }, () => `${' <!channel> & '.repeat(5)}-${partition}: it is missing`),
    }))
    const content = auditMessage({ ...result, partitions: many })
    const label = { migration: 'shop', key: 'audit/1' }
    for (let i = 0; i < 3; i++) await postOnce(lab.web, lab.description.channel, content, label, Date.now())
    const posted = (await lab.messages()).filter(({ text }) => text.includes('asked for by alice'))
    expect(posted).toHaveLength(1)
    expect(JSON.stringify(posted)).not.toContain('<!channel>')
  })

  it('is not said to be posted while Slack does not take it', async () => {
    const offline = { ...lab.web, post: async () => ({ is: 'unknown', why: 'no answer' }) as const }
    const label = { migration: 'shop', key: 'audit/2' }
    await expect(postOnce(offline, lab.description.channel, auditMessage(result), label, Date.now())).rejects.toThrow(
      'Slack did not take audit/2',
    )
  })
})
