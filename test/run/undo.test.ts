import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { actions } from '../../src/actions/index.js'
import { loadMigration } from '../../src/config/load.js'
import { gates } from '../../src/gates/index.js'
import type { EffectRun, Run, StepRun } from '../../src/run/state.js'
import { undoPlan, undoSteps } from '../../src/run/undo.js'
import { createRunbooks } from '../../src/runbook/files.js'
import type { ActionCall } from '../../src/runbook/language.js'

const migration = loadMigration('deploy/migration.yaml', readFileSync('deploy/migration.yaml', 'utf8'))
const runbooks = createRunbooks('runbooks', gates, actions, migration)

/** What the undo of each step of a shipped runbook has to prove. */
async function proofs(name: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const runbook = await runbooks.load(name)
  // Every call changed something, of one app where it goes by apps.
  const begunBy = ({ action, args }: ActionCall) => {
    const { side, tier } = (args ?? {}) as { side?: string; tier?: string }
    const app = migration.apps.find((one) => one.tier === tier)?.name
    return { begun: true, effect: { action, on: { side, app } } } as unknown as EffectRun
  }
  const steps = runbook.steps.map(
    (step) => ({ id: step.id, step, effects: step.do.map(begunBy), phase: { is: 'passed' } }) as unknown as StepRun,
  )
  const pivot = runbook.steps.findIndex(({ undo }) => undo === 'none')
  const ids = runbook.steps.slice(0, pivot).map(({ id }) => id)
  const undone = undoSteps({ steps, migration } as unknown as Run, ids.reverse())
  return Object.fromEntries(
    undone.flatMap(({ undoOf, step }) =>
      undoOf ? [[undoOf, step.check.map(({ gate, args }) => [gate, ...Object.values(args as object)].join(' '))]] : [],
    ),
  )
}

it('proves of each undone step that what it had stopped runs again, newest first', async () => {
  expect(await proofs('cutover')).toEqual({
    'stop-dam': ['apps-ready source dam'],
    'stop-consumers': ['apps-ready source downstream'],
    'stop-producers': ['apps-ready source upstream'],
    'switch-valve': ['valve-on source', 'valve-closed target'],
    'stop-mirror': ['mirror-runs'],
  })
})

it('does so with the mirror last, where the valve opens to the target alone', async () => {
  expect(await proofs('cutover-mirror-last')).toMatchObject({
    'open-valve': ['valve-closed target'],
    'stop-mirror': ['mirror-runs'],
    'close-valve': ['valve-on source'],
  })
})

it.each([
  ['stop intake-file', 'start intake-file'],
  ['start mirror', 'stop mirror'],
  ['scale checkout from 1 to 0', 'scale checkout from 0 to 3'],
  ['deny everybody to write orders', 'let orders be written again by whom ACLs allow'],
  ['let 2 topics (a, b) be written again by whom ACLs allow', 'deny everybody to write 2 topics (a, b)'],
  // As older logs have it.
  ['let orders be written again by whom its ACLs allow', 'deny everybody to write orders'],
  ['have the feed closed on the source by intake', 'have the feed opened to the source by intake'],
  ['make orders with 3 partitions', 'undo: make orders with 3 partitions'],
])('tells an undo in its own direction: what did %s is undone by %s', (text, undone) => {
  const effect = { id: 'a', text, before: { replicas: 3 }, after: { replicas: 0 } }
  const run = { steps: [{ id: 'x', effects: [{ begun: true, order: 0, effect }] }] } as unknown as Run
  expect(undoPlan(run, 'x').map((one) => one.effect.text)).toEqual([undone])
})

it('asks nothing of a call that had found its work done', () => {
  const undone = { gate: 'apps-gone', args: {}, forMs: 0, withinMs: 0, warn: false }
  const start = (tier: string) => ({
    action: 'apps-start',
    args: { side: 'target', tier },
    undone: [{ ...undone, args: { tier } }],
  })
  const effect = { begun: true, effect: { action: 'apps-start', on: { side: 'target', app: 'fulfilment' } } }
  const step = { id: 'x', title: 'X', do: [start('dam'), start('downstream')], approve: 'operators' }
  const run = { steps: [{ id: 'x', step, effects: [effect], phase: { is: 'passed' } }], migration } as unknown as Run
  const undo = undoSteps(run, ['x']).find(({ undoOf }) => undoOf)
  expect(undo?.step.check.map(({ args }) => args)).toEqual([{ tier: 'downstream' }])
})
