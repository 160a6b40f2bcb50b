import type { z } from 'zod'
import { isAtRest } from '../gates/reading/connector.js'
import { connectValve, otherSide } from '../gates/reading/valve.js'
import { action } from './action.js'
import { stateEffect, wantedState } from './connectors.js'
import { asFact, carriedOffsets, closedAt, shut, type ValveDeps, valveArgs, valveOf, valveOn } from './valve.js'
import { copyWhatItBrought } from './valve-back.js'
import { goOn } from './valve-going-on.js'
import { performForPerson, planForPerson } from './valve-person.js'

export const valveClose = action<ValveDeps, z.infer<typeof valveArgs>>({
  name: 'valve-close',
  does: 'stops the valve on a side and remembers how far it has delivered',
  args: valveArgs,
  gives: ['valve-offsets'],
  undone: ({ side }) => [{ gate: 'valve-on', args: { side }, withinMs: 120_000 }],
  async plan(deps, { side }, context) {
    const byPerson = await planForPerson('valve-close', side, context)
    if (byPerson) return byPerson
    const valve = connectValve(context.migration)
    if (!valve) return { effects: [] }
    const { url, connector } = valve[side]
    const status = await deps.connect(url).status(connector)
    if (status && !isAtRest(status))
      return { effects: [stateEffect('valve-close', side, connector, 'STOPPED', { side })] }
    // Closed by hand, or by an attempt whose outcome was not recorded: unless the other side was opened since, it knows best how far.
    const carried = await carriedOffsets(context)
    const knowsBest = !carried || carried.opened?.side === side || (carried.from === side && !carried.opened)
    if (!status || !knowsBest) return { effects: [] }
    return { effects: [], facts: { 'valve-offsets': asFact(await closedAt(deps, valve, side, context.now)) } }
  },
  async perform(deps, effect, context) {
    const byPerson = performForPerson(effect, context)
    if (byPerson) return byPerson
    const { side, connector } = valveOn.parse(effect.on)
    const { state } = wantedState.parse(effect.after)
    const valve = valveOf(context.migration)
    if (state === 'RUNNING' && side === 'source' && !valve.rewindable) {
      const copied = await copyWhatItBrought(deps, valve, context)
      if (copied?.left)
        return {
          text: `copied ${copied.records} records that it had brought to the target; going on`,
          facts: { 'valve-offsets': asFact(copied.left) },
          more: true,
        }
      if (copied) {
        const recorded = await carriedOffsets(context)
        const opened = await goOn(deps, valve, { side, from: otherSide(side), recorded }, context)
        return {
          ...opened,
          text: `${opened.text}; ${copied.records} records that it had brought to the target were copied first`,
        }
      }
    }
    // Undone, it goes on from where it stood here: what the other side got meanwhile was read by nobody and comes again.
    if (state === 'RUNNING')
      return goOn(deps, valve, { side, from: side, recorded: await carriedOffsets(context) }, context)
    const text = await shut(deps, valve, side)
    if (!isAtRest(await deps.connect(valve[side].url).status(connector))) return { text }
    const offsets = await closedAt(deps, valve, side, context.now)
    return { text: `${text}; it had delivered ${say(offsets.offsets)}`, facts: { 'valve-offsets': asFact(offsets) } }
  },
})

function say(offsets: readonly unknown[]): string {
  const text = JSON.stringify(offsets)
  return text.length <= 200 ? text : `up to ${offsets.length} offsets`
}
