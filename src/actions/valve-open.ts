import type { z } from 'zod'
import { connectValve, otherSide, valveState } from '../gates/reading/valve.js'
import { action } from './action.js'
import { isRunning, stateEffect, wantedState } from './connectors.js'
import { Refusal } from './refusal.js'
import { carriedOffsets, closedAt, shut, type ValveDeps, valveArgs, valveOf, valveOn } from './valve.js'
import { goOn } from './valve-going-on.js'
import { performForPerson, planForPerson } from './valve-person.js'

const closedWithinMs = 120_000

export const valveOpen = action<ValveDeps, z.infer<typeof valveArgs>>({
  name: 'valve-open',
  does: 'sets the stopped valve on a side to the offsets at which the other was closed, reads them back and starts it',
  args: valveArgs,
  undone: ({ side }) => [{ gate: 'valve-closed', args: { side }, withinMs: 120_000 }],
  gives: ['valve-offsets'],
  needs: ['valve-offsets'],
  async plan({ connect }, { side }, context) {
    const byPerson = await planForPerson('valve-open', side, context)
    if (byPerson) return byPerson
    const valve = connectValve(context.migration)
    if (!valve) return { effects: [] }
    const { url, connector } = valve[side]
    if (isRunning(await connect(url).status(connector))) return { effects: [] }
    const closed = {
      gate: 'valve-closed',
      args: { side: otherSide(side) },
      forMs: 0,
      withinMs: closedWithinMs,
      warn: false,
    }
    return { effects: [{ ...stateEffect('valve-open', side, connector, 'RUNNING', { side }), gate: closed }] }
  },

  async perform(deps, effect, context) {
    const byPerson = performForPerson(effect, context)
    if (byPerson) return byPerson
    const { side } = valveOn.parse(effect.on)
    const { state } = wantedState.parse(effect.after)
    const valve = valveOf(context.migration)
    if (state === 'STOPPED') return { text: await shut(deps, valve, side) }

    const other = await valveState(deps.connect, valve, otherSide(side))
    if (!other.atRest)
      throw new Refusal(
        'other-side-runs',
        `The valve ${other.connector} on the ${other.side} is ${other.state}: close it before it is opened on the ${side}`,
      )
    // The side that ran last knows how far the valve has come; its own word is newer than any record of it.
    const known = await carriedOffsets(context)
    // Its owner may have taken longer to close it than the closing could wait: then this is the first to see where it ended.
    const isNew = !known || known.opened?.side === other.side
    const recorded = isNew ? await closedAt(deps, valve, other.side, context.now) : known
    return goOn(deps, valve, { side, from: recorded.opened?.side ?? recorded.from, recorded }, context)
  },
})
