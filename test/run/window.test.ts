import { describe, expect, it } from '@jest/globals'
import { chapterOf, reportOf } from '../../src/run/report.js'
import { reportMarkdown } from '../../src/run/report-text.js'
import type { State } from '../../src/run/state.js'
import { messages } from '../../src/slack/messages/index.js'
import {
  bob,
  effect,
  engine,
  type Line,
  linesToEntries,
  migrationOf,
  passing,
  runbook,
  start,
  steps,
  thinking,
  told,
} from '../slack/chapters.js'

const migration = migrationOf(3)
const untilMs = start + 3_600_000
const run = (id: string, more: object = {}): Line => [
  bob,
  {
    type: 'run-started',
    run: id,
    mode: 'real',
    runbook,
    migration,
    bot: '0',
    notBefore: null,
    until: untilMs,
    ...more,
  },
]
const finished = (id: string): Line => [engine, { type: 'run-finished', run: id }]
const to = (replicas: number) => ({ ...effect(0), id: `scale ${replicas}`, after: { replicas } })
/** Each step takes 7 s, of which 4 to its approval; the last, which does nothing, 5. The producer stops in step 3, and starts in step 6. */
const changes: Readonly<Record<string, ReturnType<typeof effect>[]>> = {
  'stop-producers': [to(0)],
  'start-producers': [to(2)],
  validate: [],
}
const whole = (upTo = steps.length): readonly Line[] =>
  steps.slice(0, upTo).flatMap(({ id }) => passing(id, changes[id] ?? [{ ...effect(0), on: null }]))
const before = [run('cutover-1'), ...whole(), finished('cutover-1')]
const text = (state: State, key: string, now = start) => {
  const found = [...messages(state, null, { at: now, groups: [], bornOnTarget: 12_345 }, now).values()].findLast(
    (one) => one.key.startsWith(key),
  )
  return found ? `${found.text} ${JSON.stringify(found.blocks)}` : null
}
const utc = (at: number) => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

describe('what earlier runs tell the next', () => {
  it('stands beside each step of the board: what is expected before, and beside the fact after', () => {
    const board = text(told([...before, run('cutover-2'), ...whole(1)]), 'board/cutover-2')
    expect(board).toContain('1. Stop mirror: passed after 7 s (expected 7 s), approved by Bob')
    expect(board).toContain('9. Validate: not yet (expected 5 s)')
    expect(text(told(before), 'board/cutover-1')).not.toContain('expected')
  })

  it('tells a rehearsal from a run: what was only rehearsed is known up to its approval', () => {
    const rehearsal = [run('cutover-1', { mode: 'rehearsal' }), ...whole(), finished('cutover-1')]
    expect(text(told([...rehearsal, run('cutover-2')]), 'board/cutover-2')).toContain(
      '1. *Stop mirror*: not yet (rehearsed: 4 s to its approval)',
    )
    const both = told([
      ...before,
      run('cutover-2', { mode: 'rehearsal' }),
      ...whole(),
      finished('cutover-2'),
      run('cutover-3'),
    ])
    expect(text(both, 'board/cutover-3')).toContain('9. Validate: not yet (expected 5 s)')
  })

  it('stands in the report beside the fact', () => {
    const entries = linesToEntries([...before, run('cutover-2'), ...whole(), finished('cutover-2')])
    const report = reportOf(chapterOf(entries, 'cutover-2')!, {})
    expect(report.steps[0]).toMatchObject({ tookMs: 7000, expectedMs: 7000, expectedBy: 'cutover-1' })
    expect(reportOf(chapterOf(entries, 'cutover-1')!, {}).steps[0]).toMatchObject({ tookMs: 7000, expectedMs: null })
    expect(reportMarkdown(report)).toContain('| 1 | Stop mirror | passed | 7 s | 7 s, cutover-1 | Bob |')
    expect(reportMarkdown(report)).toMatch(/The window ended at .* UTC, 57 min .* after the run/)
  })
})

describe('the window’s clock', () => {
  // Steps 6 to 9 took 26 s; undoing five steps takes as much as doing them did, 35 s.
  const by = untilMs - 35_000
  const begun = told([...before, run('cutover-2'), ...whole(2), thinking('stop-producers')])

  it('says by when the last step before the pivot must be over: the longer of going on and going back must fit', () => {
    expect(text(begun, 'board/')).toContain(
      `*Step 5, Stop dam, by <!date^${by / 1000}^{time_secs}|${utc(by)}>, or roll back:* the steps after it took 26 s before`,
    )
  })

  it('calls those who may roll back when that moment is over and the step is not, and nobody before or after it', () => {
    expect(text(begun, 'late/', by - 1)).toBeNull()
    expect(text(begun, 'late/', by)).toContain('<@U0ANN>')
    expect(text(begun, 'late/', by)).toContain('Step 5, Stop dam, was to be over by')
    const over = told([...before, run('cutover-2'), ...whole(5), thinking('start-producers')])
    expect(text(over, 'late/', by)).toBeNull()
  })

  it('from that step on counts what is left', () => {
    const asked = text(told([...before, run('cutover-2'), ...whole(5), thinking('start-producers')]), 'board/')
    expect(asked).toContain(
      `The steps after this one took 19 s before: it must be over by <!date^${(untilMs - 19_000) / 1000}`,
    )
    const board = text(told([...before, run('cutover-2'), ...whole(6), thinking('start-dam')]), 'board/')
    expect(board).toContain(
      `The steps after this one took 12 s before: it must be over by <!date^${(untilMs - 12_000) / 1000}`,
    )
  })

  it('says that it cannot be said where no earlier run did all steps, and nothing where there is no window', () => {
    expect(text(told([run('cutover-1')]), 'board/')).toContain(
      'The last moment for step 5, Stop dam, is not known: no earlier run did all of the steps.',
    )
    expect(text(told([run('cutover-1', { until: null })]), 'board/')).not.toContain('*Window.*')
  })
})

describe('what going back would cost now', () => {
  it('leaves producers running until they are stopped, then says since when they stand still and how long it takes', () => {
    expect(text(told([run('cutover-1'), ...whole(2)]), 'board/')).toContain('Producers run meanwhile.')
    const stopped = text(told([run('cutover-1'), ...whole(3)]), 'board/')
    expect(stopped).toMatch(/Producers stand still since .*; until they run again it takes about 7 s\./)
  })

  it('from the pivot on goes by the last rollback, and counts what was born on the target', () => {
    const rollback = { runbook: { ...runbook, name: 'rollback' } }
    const back = [
      run('rollback-2', rollback),
      ...passing('stop-producers', [to(0)]),
      ...passing('start-producers', [to(2)]),
      finished('rollback-2'),
    ]
    const pivot = (earlier: readonly Line[]) => text(told([...earlier, run('cutover-3'), ...whole(6)]), 'board/')
    expect(pivot([])).toContain('No earlier run tells how long producers would stand still.')
    expect(pivot([...before, ...back])).toContain('Producers would stand still for about 10 s, as in rollback-2.')
    const onTarget = { ...to(2), on: { side: 'target', app: 'checkout-0' } }
    expect(text(told([run('cutover-1'), ...passing('start-producers', [onTarget])]), 'board/')).toContain(
      'About 12,000 records since the waterline',
    )
  })
})
