import type { Action, PerformContext, Performed, PlanContext } from '../actions/action.js'
import type { PlannedEffect } from '../run/commands.js'
import type { Json } from '../runbook/json.js'
import type { Effect, FactName, Step } from '../runbook/language.js'

export interface ActDeps<ActionDeps> {
  readonly actions: ReadonlyMap<string, Action<ActionDeps>>
  readonly actionDeps: ActionDeps
}

/** Shorter than a claim, so that a successor never works beside us. */
const performedWithinMs = 4000
export const claimMs = 4500

export interface Planned {
  readonly effects: readonly PlannedEffect[]
  readonly facts: { readonly [name in FactName]?: Json }
}

/** What the step would do, in the order of its actions. */
export async function planStep<ActionDeps>(
  deps: ActDeps<ActionDeps>,
  step: Pick<Step, 'do'>,
  context: PlanContext,
): Promise<Planned> {
  const effects: PlannedEffect[] = []
  const facts: { [name in FactName]?: Json } = {}
  for (const [order, call] of step.do.entries()) {
    const fact: PlanContext['fact'] = async (name) => facts[name] ?? (await context.fact(name))
    const verb = action(deps, call.action)
    const plan = await verb.plan(deps.actionDeps, verb.args.parse(call.args), { ...context, fact })
    effects.push(...plan.effects.map((effect) => ({ order, effect })))
    Object.assign(facts, plan.facts)
  }
  return { effects, facts }
}

/** Does one effect; whatever goes wrong comes back as the reason why. */
export async function performEffect<ActionDeps>(
  deps: ActDeps<ActionDeps>,
  effect: Effect,
  context: PerformContext,
): Promise<Performed | { failed: string }> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<{ failed: string }>((resolve) => {
    timer = setTimeout(
      () =>
        resolve({
          failed: `${effect.text}: no answer within ${performedWithinMs / 1000} s; whether it was done shows when it is tried again.`,
        }),
      performedWithinMs,
    )
  })
  try {
    return await Promise.race([action(deps, effect.action).perform(deps.actionDeps, effect, context), late])
  } catch (error) {
    return { failed: `${effect.text}: ${error instanceof Error ? error.message : String(error)}` }
  } finally {
    clearTimeout(timer)
  }
}

function action<ActionDeps>(deps: ActDeps<ActionDeps>, name: string): Action<ActionDeps> {
  const found = deps.actions.get(name)
  if (!found) throw new Error(`${name} is an action that this version does not know`)
  return found
}
