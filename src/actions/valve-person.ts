import { z } from 'zod'
import type { Migration, Side } from '../config/migration.js'
import { standsByWord } from '../gates/reading/valve.js'
import type { Effect, Plan } from '../runbook/language.js'
import type { Performed, PlanContext } from './action.js'
import { wantedState } from './connectors.js'

/** A valve that people work is moved by telling them; that they have done it is what the gates after it ask. */
export async function planForPerson(
  action: 'valve-close' | 'valve-open',
  side: Side,
  context: PlanContext,
): Promise<Plan | undefined> {
  const valve = personValve(context.migration)
  if (!valve) return undefined
  const stands = await standsByWord(context)
  const isDone = action === 'valve-open' ? stands === side : stands !== side && stands !== 'moving'
  const [before, after] = action === 'valve-open' ? ['STOPPED', 'RUNNING'] : ['RUNNING', 'STOPPED']
  const effect: Effect = {
    id: `${action} ${side}/${valve.what}`,
    action,
    target: `${side}/${valve.what}`,
    before: { state: before! },
    after: { state: after! },
    on: { side, person: valve.role },
    text: `have ${valve.what} ${action === 'valve-open' ? 'opened to' : 'closed on'} the ${side} by ${valve.role}`,
  }
  return { effects: isDone ? [] : [effect] }
}

/** Undefined: it is not a person's. */
export function performForPerson(effect: Effect, { migration, now }: PlanContext): Performed | undefined {
  const on = z.object({ side: z.string(), person: z.string() }).safeParse(effect.on).data
  const valve = personValve(migration)
  if (!on || !valve) return undefined
  const { state } = wantedState.parse(effect.after)
  return {
    text: `${on.person} ${state === 'RUNNING' ? `opens ${valve.what} to` : `closes ${valve.what} on`} the ${on.side}, and is asked when that is done`,
    facts: { 'valve-word': { at: now, stands: 'moving' } },
  }
}

const personValve = ({ valve }: Migration) => (valve.kind === 'person' ? valve : undefined)
