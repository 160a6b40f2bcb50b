import { describe, expect, it } from '@jest/globals'
import { chain } from '../../src/log/chain.js'
import { downtimeOf } from '../../src/run/downtime.js'
import type { Entry, Event } from '../../src/run/events.js'
import { testMigration } from '../estate.js'

const at = { run: 'cutover-1', step: 's', attempt: 1 }
const scale = (side: 'source' | 'target', app: string, replicas: number): Event => ({
  type: 'effect-planned',
  ...at,
  order: 0,
  effect: {
    id: `${side}/${app}`,
    action: 'scale',
    target: app,
    before: null,
    after: { replicas },
    on: { side, app },
    text: '',
  },
})
const done = (effect: string): Event => ({ type: 'effect-done', ...at, effect, text: '' })
const ready: Event = {
  type: 'check-changed',
  ...at,
  gates: [{ gate: 'apps-ready target upstream', verdict: 'passed', text: '', warn: false }],
}
const entries = (...given: [number, Event][]): Entry[] =>
  given.flatMap(([when, event], i) => chain({ version: i, head: '' }, [event], { kind: 'monitor' }, when))

describe('downtime by the log', () => {
  it('runs from the last stop of a producer to the first look that found one ready; consumers do not count', () => {
    const night = entries(
      [1, scale('source', 'a', 0)],
      [1, scale('source', 'b', 0)],
      [100, done('source/a')],
      [900, done('source/b')],
      [950, ready],
      [1000, scale('target', 'a', 2)],
      [1100, done('target/a')],
      [1600, ready],
    )
    expect(downtimeOf(night, testMigration)).toEqual({
      stoppedAt: 100,
      startedAt: 1100,
      readyAt: 1600,
      ms: 1500,
      apps: [{ app: 'a', from: 'source', to: 'target', stoppedAt: 100, startedAt: 1100 }],
    })
  })

  it('is not known while nobody was seen ready, and none where no producer was stopped', () => {
    const stopped = entries([1, scale('source', 'a', 0)], [100, done('source/a')])
    expect(downtimeOf(stopped, testMigration)).toMatchObject({ ms: null, readyAt: null })
    expect(downtimeOf(entries([1, ready]), testMigration)).toBeNull()
  })
})
