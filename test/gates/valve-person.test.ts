import { describe, expect, it } from '@jest/globals'
import { actions } from '../../src/actions/index.js'
import { migrationSchema } from '../../src/config/migration.js'
import { gates } from '../../src/gates/index.js'
import { openQuestions } from '../../src/run/questions.js'
import type { Run, StepRun } from '../../src/run/state.js'
import { undoSteps } from '../../src/run/undo.js'
import type { Json } from '../../src/runbook/json.js'
import type { Effect, GateCall } from '../../src/runbook/language.js'
import { migrationOf } from './look.js'

const migration = migrationSchema.parse({
  ...migrationOf(['intake'], [{ name: 'intake', group: 'intake', consumes: ['intake'] }]),
  valve: { kind: 'person', what: 'the ERP pump', role: 'operators', topics: ['intake'] },
})
const toTarget = 'Does the ERP pump let data into the target, and no longer into the source?'
const toSource =
  'Does the ERP pump let data into the source again, beginning with what it has sent to the target meanwhile, and no longer into the target?'
const call = (gate: string, side: string): GateCall => ({ gate, args: { side }, forMs: 0, withinMs: 0, warn: false })

/** A night with nothing but its facts and what people have answered in the step. */
function night() {
  const facts = new Map<string, Json>()
  const keep = (given: object | undefined) => {
    for (const [name, value] of Object.entries(given ?? {})) facts.set(name, value as Json)
  }
  const context = { now: 1, migration, fact: async (name: string) => facts.get(name), stillMine: async () => {} }
  return {
    async look(gate: string, args: Json, answers: { question: string; person: string; yes: boolean }[] = []) {
      const one = gates.get(gate)!
      const look = { ...context, since: 0, last: undefined, alerts: [], answers }
      const found = await one.measure(
        {} as never,
        one.args.parse(typeof args === 'string' ? { side: args } : args),
        look,
      )
      if (found.verdict === 'passed') keep(found.facts)
      return found
    },
    async act(action: string, side: string): Promise<readonly Effect[]> {
      const one = actions.get(action)!
      const { effects } = await one.plan({} as never, one.args.parse({ side }), context)
      for (const effect of effects) keep((await one.perform({} as never, effect, context)).facts)
      return effects
    },
    perform: async (effect: Effect) =>
      keep((await actions.get(effect.action)!.perform({} as never, effect, context)).facts),
  }
}

const yes = (question: string) => [{ question, person: 'Bob', yes: true }]

describe('a valve that people work', () => {
  it('lets data into the source until somebody was told to move it, and from then on it is where they say', async () => {
    const { look, act } = night()
    expect(await look('valve-on', 'source')).toMatchObject({ verdict: 'passed' })
    const [closed] = await act('valve-close', 'source')
    expect(closed).toMatchObject({ text: 'have the ERP pump closed on the source by operators' })
    await act('valve-open', 'target')
    for (const side of ['source', 'target'])
      expect(await look('valve-on', side)).toMatchObject({ verdict: 'inconclusive', reason: 'unanswered' })
    expect(await look('valve-on', 'target', yes(toTarget))).toMatchObject({
      verdict: 'passed',
      text: `${toTarget} Bob answered yes`,
    })
    // The next step's gates know it without asking again, and nothing is planned twice.
    expect(await look('valve-on', 'target')).toMatchObject({ verdict: 'passed' })
    expect(await look('valve-closed', 'source')).toMatchObject({ verdict: 'passed' })
    expect(await look('valve-on', 'source')).toMatchObject({ verdict: 'inconclusive' })
    expect(await act('valve-open', 'target')).toEqual([])
  })

  it('fails the step when the answer is no', async () => {
    const no = [{ question: toTarget, person: 'Bob', yes: false }]
    expect(await night().look('valve-on', 'target', no)).toMatchObject({ verdict: 'failed', reason: 'answered-no' })
  })

  it('is asked about again when what was done is undone: what it was told to do may have happened', async () => {
    const { look, act, perform } = night()
    const effects = [...(await act('valve-close', 'source')), ...(await act('valve-open', 'target'))]
    const done = stepOf({ effects: effects.map((effect) => ({ effect, begun: true, order: 0 })) as never })
    const run = { migration, steps: [done] } as unknown as Run
    const undo = undoSteps(run, ['switch-valve']).find(({ undoOf }) => undoOf)!
    expect(undo.step.check).toMatchObject([{ gate: 'valve-on', args: { side: 'source', again: true } }])
    for (const { before, after, ...effect } of effects) await perform({ ...effect, before: after, after: before })
    const { args } = undo.step.check[0]!
    expect(await look('valve-on', args)).toMatchObject({ verdict: 'inconclusive', reason: 'unanswered' })
    expect(await look('valve-on', args, yes(toSource))).toMatchObject({ verdict: 'passed' })
  })

  it('is a question to its role while the step is being proved, and none where an earlier word is enough', () => {
    const step = stepOf({ phase: { is: 'checking', since: 0 } as never })
    const run = { migration, steps: [step], waivers: [] } as unknown as Run
    expect(openQuestions(run, step)).toEqual([{ question: toTarget, role: 'operators', eachApp: false }])
    const known = { ...step, check: [{ gate: 'valve-on target', verdict: 'passed' as const, text: '', warn: false }] }
    expect(openQuestions(run, known)).toEqual([])
  })
})

function stepOf(more: Partial<StepRun>): StepRun {
  const step = {
    id: 'switch-valve',
    title: 'Switch the valve',
    // What the loader says of an undone valve-close is for connectors.
    do: [{ action: 'valve-close', args: { side: 'source' }, undone: [call('valve-on', 'source')] }],
    check: [call('valve-on', 'target')],
    approve: 'operators',
  }
  const plain = { id: step.id, step, undoOf: null, phase: { is: 'passed' }, check: [], answers: [], effects: [] }
  return { ...plain, ...more } as unknown as StepRun
}
