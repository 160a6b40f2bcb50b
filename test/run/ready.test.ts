import { describe, expect, it } from '@jest/globals'
import { differenceTable, type Ready, readyLine, readyText } from '../../src/run/ready.js'

const looks: Ready['looks'] = [
  {
    gate: 'replicas-full',
    verdict: 'passed',
    text: 'All is full',
    warn: false,
    step: 'a',
    differing: 0,
    differences: [],
  },
  {
    gate: 'topics-parity',
    verdict: 'failed',
    text: '3 differences',
    warn: true,
    step: 'b',
    differing: 3,
    differences: [
      { what: 'orders partitions', source: '6', target: '3' },
      { what: 'orders retention.ms', source: '1000', target: '-1', stays: 'nothing is ever shrunk' },
    ],
  },
  { gate: 'mirror-config', verdict: 'error', text: 'no answer', warn: false, step: 'c', differing: 0, differences: [] },
]
const ready: Ready = { runbook: 'prepare', at: 0, looks }

describe('what prepare sees now', () => {
  it('says in one line what would stop it, apart from what it mends itself', () => {
    expect(readyLine(ready)).toBe('1 of 3 hold; 1 would not stop prepare; 1 would')
  })

  it('is one table of both sides, which says how much it leaves out and what stays for a person', () => {
    expect(differenceTable(ready, 20)).toEqual([
      'what                   source  target',
      'orders partitions      6       3',
      'orders retention.ms *  1000    -1',
      'and 1 more',
      '* no runbook changes it: nothing is ever shrunk',
    ])
    expect(readyText(ready)).toContain('ERROR  mirror-config  no answer')
    expect(readyText(ready)).toMatch(/, at 1970-01-01 00:00:00 UTC\n/)
  })

  it('has no table where nothing differs', () => {
    expect(differenceTable({ ...ready, looks: [looks[0]!] }, 20)).toEqual([])
  })
})
