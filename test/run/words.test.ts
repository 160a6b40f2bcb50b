import { describe, expect, it } from '@jest/globals'
import type { Migration } from '../../src/config/migration.js'
import { emptyState } from '../../src/run/state.js'
import { helpLines, parseWords, words } from '../../src/run/words.js'

describe('the one table of commands', () => {
  it.each([
    ['', { ask: 'help' }],
    ['status', { ask: 'status' }],
    ['  STATUS ', { ask: 'status' }],
    ['cutover', { ask: 'cutover', runbook: 'cutover' }],
    ['cutover cutover-mirror-last', { ask: 'cutover', runbook: 'cutover-mirror-last' }],
    ['cutover until 04:00', { ask: 'cutover', runbook: 'cutover', inMs: null, until: '04:00' }],
    ['cutover prepare in 2h until 04:00', { ask: 'cutover', runbook: 'prepare', inMs: 7_200_000, until: '04:00' }],
    ['rollback', { ask: 'rollback', reason: '' }],
    ['rollback the target is slow', { ask: 'rollback', reason: 'the target is slow' }],
    ['rollback copy the target is sick', { ask: 'rollback', reason: 'the target is sick', copy: true }],
    ['rollback copying is slow', { ask: 'rollback', reason: 'copying is slow' }],
    ['approve', { ask: 'approve', step: null, code: null }],
    ['approve stop-mirror a1b2c3', { ask: 'approve', step: 'stop-mirror', code: 'a1b2c3' }],
    ['abort', { ask: 'abort', reason: '' }],
    ['lag', { ask: 'lag', group: null }],
    ['lag billing', { ask: 'lag', group: 'billing' }],
    ['skip known by its owner', { ask: 'skip', reason: 'known by its owner' }],
    ['answer No', { ask: 'answer', yes: false }],
    ['answer y', { ask: 'answer', yes: true }],
    ['answer no checkout it is slow', { ask: 'answer', yes: false, said: 'checkout it is slow' }],
    ['ack', { ask: 'ack', alert: null }],
    ['snooze lag/billing', { ask: 'snooze', alert: 'lag/billing' }],
    ['plan cutover', { ask: 'plan', runbook: 'cutover' }],
    ['ready', { ask: 'ready' }],
    ['verify', { ask: 'verify' }],
  ])('reads "%s"', (line, ask) => {
    expect(parseWords(line)).toMatchObject(ask)
  })

  it.each([
    ['aprove', 'Did you mean approve?'],
    ['cut-over', 'Did you mean cutover?'],
    ['Rolback now', 'Did you mean rollback?'],
    ['start cutover', 'cutover RUNBOOK starts a run of any runbook'],
    ['cutover until four', '"four" is no time of day'],
    ['frobnicate', '"help" names them all'],
    ['skip', 'needs a reason'],
    ['close', 'needs a reason'],
    ['answer perhaps', 'yes or no'],
    ['plan', 'name of a runbook'],
    ['cutover ../../etc/passwd', 'is no name of a runbook'],
  ])('answers "%s" with what would be right', (line, words) => {
    expect(parseWords(line)).toEqual({ mistake: expect.stringContaining(words) })
  })

  it('offers on an idle migration only what would do something', () => {
    const { now, later } = helpLines(emptyState, {})
    expect(now.join('\n')).toContain('cutover [RUNBOOK]')
    expect(now.join('\n')).not.toMatch(/^(approve|abort|resume|adopt|canary)/m)
    expect(now.length + later.length).toBe(words.length)
  })

  it('offers the canary where migration.yaml names one', () => {
    const canary = {} as Migration['canary']
    expect(helpLines(emptyState, { canary }).now.join('\n')).toContain('canary [RUNBOOK]')
  })
})
