import { describe, expect, it } from '@jest/globals'
import { downtimeOf } from '../../src/run/downtime.js'
import { reportOf } from '../../src/run/report.js'
import { reportMarkdown } from '../../src/run/report-text.js'
import type { Run, State } from '../../src/run/state.js'
import { reportMessage } from '../../src/slack/messages/report.js'
import { testMigration } from '../estate.js'
import { began, effect, engine, type Line, linesToEntries, migrationOf, passing, told } from '../slack/chapters.js'

interface Moved {
  readonly side: 'source' | 'target'
  readonly app: string
  readonly replicas: number
  readonly at: number
  /** When its step was proved. */
  readonly passedAt?: number
}
const [a, b] = testMigration.apps
const migration = { ...testMigration, apps: [a!, { ...a!, name: 'a2' }, b!] }
const runOf = (...moved: readonly Moved[]) =>
  ({
    migration,
    steps: moved.map(({ side, app, replicas, at, passedAt = null }) => ({
      passedAt,
      effects: [{ effect: { on: { side, app }, after: { replicas } }, status: { is: 'done', at } }],
    })),
  }) as unknown as Run

describe('downtime by the log', () => {
  const stopped: Moved[] = [
    { side: 'source', app: 'a', replicas: 0, at: 100, passedAt: 950 },
    { side: 'source', app: 'a2', replicas: 0, at: 300, passedAt: 950 },
    { side: 'source', app: 'b', replicas: 0, at: 900, passedAt: 950 },
  ]

  it('runs from the last stop of a producer until the step that started them was proved; consumers do not count', () => {
    const night = runOf(
      ...stopped,
      { side: 'target', app: 'a', replicas: 2, at: 1100, passedAt: 1600 },
      { side: 'target', app: 'a2', replicas: 2, at: 1200, passedAt: 1600 },
      { side: 'target', app: 'b', replicas: 2, at: 1700, passedAt: 1800 },
    )
    expect(downtimeOf(night)).toEqual({
      stoppedAt: 300,
      startedAt: 1100,
      provedAt: 1600,
      ms: 1300,
      apps: [
        { app: 'a', from: 'source', to: 'target', stoppedAt: 100, startedAt: 1100 },
        { app: 'a2', from: 'source', to: 'target', stoppedAt: 300, startedAt: 1200 },
      ],
    })
  })

  it.each<[string, readonly Moved[]]>([
    ['nothing was started', stopped],
    ['what was started is not proved', [...stopped, { side: 'target', app: 'a', replicas: 2, at: 1100 }]],
    ['one of two is still down', [...stopped, { side: 'target', app: 'a', replicas: 2, at: 1100, passedAt: 1600 }]],
  ])('is not known while %s', (_, moved) => {
    expect(downtimeOf(runOf(...moved))).toMatchObject({ ms: null, provedAt: null })
  })

  it('is none where no producer was stopped', () => {
    expect(downtimeOf(runOf({ side: 'source', app: 'b', replicas: 0, at: 900 }))).toBeNull()
  })

  it('is the same in the message, in the file and for the next run', () => {
    const producer = (i: number, side: string, replicas: number) => ({
      ...effect(i),
      id: `${side}-${i}`,
      on: { side, app: `checkout-${i}` },
      after: { replicas },
    })
    const [stop, start] = [0, 2].map((replicas) => [producer(0, replicas ? 'target' : 'source', replicas)])
    const readyFirst: Line = [
      engine,
      {
        type: 'check-changed',
        ...{ run: 'cutover-1', step: 'start-producers', attempt: 1 },
        gates: [{ gate: 'apps-ready target upstream', verdict: 'passed', text: '', warn: false }],
      },
    ]
    const started = passing('start-producers', start)
    const lines: readonly Line[] = [
      began(migrationOf(3)),
      ...passing('stop-producers', stop),
      // Ready some seconds before all of the step is proved.
      ...started.slice(0, -1),
      readyFirst,
      ...started.slice(-1),
      [engine, { type: 'run-finished', run: 'cutover-1' }],
    ]
    const state: State = told(lines)
    const run = state.run!
    const { ms } = downtimeOf(run)!
    expect(ms).toBeGreaterThan(0)
    const file = reportMarkdown(reportOf({ entries: linesToEntries(lines), state, run }, {}))
    expect(file).toContain(`${(ms! / 1000).toFixed(1)} s from the last stop`)
    expect(JSON.stringify(reportMessage(state, run))).toContain(`They stood still for ${ms! / 1000} s`)
  })
})
