import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { action } from '../../src/actions/action.js'
import { gate } from '../../src/gates/gate.js'
import { leftBehindHarmless } from '../../src/gates/left-behind-harmless.js'
import { planLines } from '../../src/jobs/plan.js'
import { emptyState } from '../../src/run/state.js'
import { loadRunbook } from '../../src/runbook/load.js'
import { testMigration } from '../estate.js'

/** The one gate that decides the order is the real one; its cluster has one topic, compacted or not. */
function estate(policy: string, apps: number) {
  const deps = {
    kafka: { source: { topicConfigs: async () => new Map([['orders', new Map([['cleanup.policy', policy]])]]) } },
  }
  const ready = gate<unknown, unknown>({
    name: 'ready',
    proves: 'nothing',
    args: z.strictObject({}),
    measure: async () => ({ verdict: 'passed', text: 'All is ready.' }),
  })
  const verb = (name: string, count: number) =>
    action<unknown, unknown>({
      name,
      does: 'something',
      args: z.strictObject({}),
      plan: async () => ({
        effects: Array.from({ length: count }, (_, i) => ({
          id: `${name}-${i}`,
          action: name,
          target: `${i}`,
          before: 2,
          after: 0,
          on: null,
          text: `stop ${name}-${i}`,
        })),
      }),
      perform: async () => {
        throw new Error('a plan changes nothing')
      },
    })
  const gates = new Map([ready, leftBehindHarmless as unknown as typeof ready].map((one) => [one.name, one]))
  const actions = new Map(
    [verb('mirror-stop', 1), verb('apps-stop', apps), verb('nothing', 0)].map((one) => [one.name, one]),
  )
  return { gates, actions, gateDeps: deps, actionDeps: deps }
}

const text = (first: string) => `
runbook: night
title: A night
approve: operators
steps:
  - { id: one, title: Stop the mirror, think: [ready], do: [${first}] }
  - { id: two, title: Stop the apps, do: [apps-stop] }
  - { id: three, title: Look, do: [nothing] }
`
const lines = (doers: ReturnType<typeof estate>, first = 'mirror-stop') => {
  const { gates, actions } = doers
  const runbook = loadRunbook('x.yaml', text(first), {
    gates,
    actions,
    policies: ['operators'],
    roles: [],
    runbooks: ['x'],
  })
  return planLines(doers, runbook, testMigration, emptyState, 0, async () => undefined)
}

describe('a plan', () => {
  it('measures what must hold before step 1, counts the changes of each step, and names the first of them', async () => {
    expect((await lines(estate('delete', 300))).slice(1)).toEqual([
      'holds: All is ready.',
      '1. Stop the mirror: 1 change (1 mirror-stop): stop mirror-stop-0',
      `2. Stop the apps: 300 changes (300 apps-stop): ${Array.from({ length: 8 }, (_, i) => `stop apps-stop-${i}`).join('; ')}; and 292 more`,
      '3. Look: nothing to change now',
    ])
  })

  it.each([
    ['delete', /^The estate permits both orders/],
    ['compact', /^The estate permits mirror last alone\. .*compacted: orders/],
  ])('says which order an estate with a topic of policy %s permits', async (policy, order) => {
    expect((await lines(estate(policy, 1)))[0]).toMatch(order)
  })

  it('says nothing of the order where the mirror is left alone', async () => {
    expect((await lines(estate('delete', 1), 'apps-stop'))[0]).toBe('holds: All is ready.')
  })
})
