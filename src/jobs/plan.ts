import type { Migration } from '../config/migration.js'
import type { Look } from '../gates/gate.js'
import type { State } from '../run/state.js'
import type { Json } from '../runbook/json.js'
import type { Effect, FactName, GateCall, Runbook, Step, Verdict } from '../runbook/language.js'
import { type ActDeps, planStep } from './act.js'
import { emptyMemory, type LookDeps, lookAt } from './look.js'

/** What a runbook would do to what now, as lines: the first step's gates measured, every action planned, nothing changed. */
export async function planLines<GateDeps, ActionDeps>(
  deps: LookDeps<GateDeps> & ActDeps<ActionDeps>,
  runbook: Runbook,
  migration: Migration,
  state: State,
  now: number,
  fact: (name: FactName) => Promise<Json | undefined>,
): Promise<readonly string[]> {
  const context = contextNow(state, migration, now, fact)
  const planned = async (step: Step, i: number): Promise<string> => {
    try {
      const { effects } = await planStep(deps, step, { now, migration, fact })
      return `${i + 1}. ${step.title}: ${changes(effects.map(({ effect }) => effect))}`
    } catch (error) {
      const why = error instanceof Error ? error.message : 'no answer'
      return `${i + 1}. ${step.title}: cannot be planned before the steps before it are done (${why})`
    }
  }
  const [first, steps, order] = await Promise.all([
    lookAt(deps, runbook.steps[0]?.think ?? [], emptyMemory, context),
    Promise.all(runbook.steps.map(planned)),
    orderLine(deps, runbook, context),
  ])
  return [
    ...order,
    ...first.looks.map(
      (one) =>
        `${verdicts[one.verdict]}${one.warn && one.verdict !== 'passed' ? ' (a warning, stops nothing)' : ''}: ${one.text}`,
    ),
    ...steps,
  ]
}

/** A plan looks once: what takes a while to be measured does not hold yet. */
const verdicts: Readonly<Record<Verdict, string>> = {
  passed: 'holds',
  failed: 'does not hold yet',
  inconclusive: 'not known yet',
  error: 'could not be measured',
}

/** What gates may know when no step asks them. */
export function contextNow(state: State, migration: Migration, now: number, fact: Look['fact']): Omit<Look, 'last'> {
  return { now, since: now, migration, fact, answers: [], alerts: state.alerts.filter((alert) => !alert.closed) }
}

const mostNamed = 8

/** `12 changes: 9 apps-stop, 3 groups-position: scale checkout from 2 to 0; … and 4 more` */
function changes(effects: readonly Effect[]): string {
  if (!effects.length) return 'nothing to change now'
  const kinds = new Map<string, number>()
  for (const { action } of effects) kinds.set(action, (kinds.get(action) ?? 0) + 1)
  const counted = [...kinds].map(([action, count]) => `${count} ${action}`).join(', ')
  const rest = effects.length - mostNamed
  const named = effects.slice(0, mostNamed).map(({ text }) => text)
  return `${effects.length === 1 ? '1 change' : `${effects.length} changes`} (${counted}): ${named.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}

const decidesOrder: GateCall = { gate: 'left-behind-harmless', args: {}, forMs: 0, withinMs: 0, warn: true }

/** Of a runbook that stops the mirror: in which order the estate permits that. */
async function orderLine<GateDeps>(
  deps: LookDeps<GateDeps>,
  { steps }: Runbook,
  context: Omit<Look, 'last'>,
): Promise<readonly string[]> {
  if (
    !deps.gates.has(decidesOrder.gate) ||
    !steps.some((step) => step.do.some(({ action }) => action === 'mirror-stop'))
  )
    return []
  const [look] = (await lookAt(deps, [decidesOrder], emptyMemory, context)).looks
  if (look?.verdict === 'passed')
    return [
      `The estate permits both orders, mirror first (cutover) and mirror last (cutover-mirror-last). ${look.text}`,
    ]
  return look?.verdict === 'failed'
    ? [`The estate permits mirror last alone. ${look.text}`]
    : [`Which order the estate permits is not known. ${look?.text ?? ''}`]
}
