import type { Json } from '../runbook/json.js'
import type { Effect } from '../runbook/language.js'
import type { PlannedEffect } from './commands.js'
import { inHand, type StepRun } from './state.js'

const most = 5

/** What of the plan is no longer what was approved, as sentences for those who approved it; '' where no effect differs. */
export function whatChanged(step: StepRun, plan: readonly PlannedEffect[]): string {
  const approved = new Map(inHand(step).map((one) => [one.effect.id, one]))
  const planned = new Map(plan.map(({ effect }) => [effect.id, effect]))
  const lines = [
    ...[...planned.values()].flatMap((effect) => {
      const before = approved.get(effect.id)
      if (!before) return [`New: ${effect.text}.`]
      // Of what an earlier attempt began, the log keeps the first `before`, which nobody approved this time.
      const same = before.begun || JSON.stringify(before.effect.before) === JSON.stringify(effect.before)
      return same && JSON.stringify(before.effect.after) === JSON.stringify(effect.after)
        ? []
        : [`${effect.target}: ${fromTo(effect)}, where ${fromTo(before.effect)} was approved.`]
    }),
    ...[...approved.values()].flatMap(({ effect }) => (planned.has(effect.id) ? [] : [`No longer: ${effect.text}.`])),
  ]
  return [...lines.slice(0, most), ...(lines.length > most ? [`And ${lines.length - most} more.`] : [])].join(' ')
}

const fromTo = ({ before, after }: Effect) => `from ${short(before)} to ${short(after)}`
const short = (value: Json) => JSON.stringify(value).replaceAll('"', '').slice(0, 80)
