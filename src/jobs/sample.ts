import type { Side } from '../config/migration.js'
import type { Log } from '../log/submit.js'
import type { AlertFacts } from '../run/events.js'
import type { Kpis, LagNow } from '../run/live.js'
import { inFlow, type State } from '../run/state.js'
import type { Json } from '../runbook/json.js'
import type { FactName } from '../runbook/language.js'

export interface SampleDeps {
  readonly log: Log
  readonly monitor: {
    look(activeSide: Side, now: number): Promise<readonly AlertFacts[]>
    lag(
      side: Side,
      now: number,
    ): Promise<readonly { readonly group: string; readonly lag: bigint; readonly state: string }[]>
    bornOnTarget(waterline: Json | undefined): Promise<bigint | null>
    kpis(side: Side, now: number): Promise<Kpis | undefined>
  }
  /** What is wrong between the clusters. */
  readonly watch: (activeSide: Side, now: number) => Promise<readonly AlertFacts[]>
  readonly fact: (state: State, name: FactName) => Promise<Json | undefined>
  readonly lag: { set(name: 'lag', lag: LagNow): Promise<void> }
  readonly kpis: { set(name: 'kpis', kpis: Kpis): Promise<void> }
  /** The channel's pictures show it. */
  readonly sampled: () => void
}

/** One sample of the whole estate, and what it says is wrong; the log finds out what of that is new. */
export function createSample({ log, monitor, watch, fact, lag, kpis, sampled }: SampleDeps): () => Promise<null> {
  return async () => {
    const { state, now } = await log.load()
    // The canary is on its own: what is watched all the time is everything else.
    const main = inFlow(state, 'main')
    const wanted = [...(await monitor.look(main.activeSide, now)), ...(await watch(main.activeSide, now))]
    await log.submit({ by: { kind: 'monitor' }, do: 'alerts', wanted })
    const [groups, born] = await Promise.all([monitor.lag(main.activeSide, now), bornOnTarget(main)])
    await lag.set('lag', {
      at: now,
      groups: groups.map((one) => ({ group: one.group, records: Number(one.lag), state: one.state })),
      ...(born === null ? {} : { bornOnTarget: Number(born) }),
    })
    sampled()
    const figures = await monitor.kpis(main.activeSide, now)
    if (figures) await kpis.set('kpis', figures)
    return null
  }

  /** A figure for eyes: when the brokers are silent there is none, and their silence is an alert of its own. */
  async function bornOnTarget(state: State): Promise<bigint | null> {
    if (state.activeSide !== 'target') return null
    return monitor.bornOnTarget(await fact(state, 'waterline')).catch(() => null)
  }
}
