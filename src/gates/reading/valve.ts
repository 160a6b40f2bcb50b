import type { Migration, Side, Valve } from '../../config/migration.js'
import { readFact, type ValveWord, valveWordFact } from '../../proof/facts.js'
import type { Json } from '../../runbook/json.js'
import type { Measured } from '../../runbook/language.js'
import { valveQuestion } from '../../runbook/valve-word.js'
import type { Look } from '../gate.js'
import type { Connectors, OnConnect } from './clients.js'
import { isAtRest } from './connector.js'
import { unanswered, wordGiven } from './word.js'

export type ConnectValve = Extract<Valve, { kind: 'connect' }>

export interface ValveState {
  readonly side: Side
  readonly connector: string
  readonly state: string
  readonly running: boolean
  /** Nothing of it can write: stopped, paused, or not there. */
  readonly atRest: boolean
  readonly failedTask: string | undefined
  /** Their numbers. */
  readonly tasks: readonly number[]
}

/** The valve on a side, as its Connect cluster sees it. */
export async function valveState(
  connect: OnConnect<Connectors>['connect'],
  valve: ConnectValve,
  side: Side,
): Promise<ValveState> {
  const { url, connector } = valve[side]
  const status = await connect(url).status(connector)
  if (!status)
    return { side, connector, state: 'absent', running: false, atRest: true, failedTask: undefined, tasks: [] }
  return {
    side,
    connector,
    state: status.state,
    running: status.state === 'RUNNING' && status.tasks.some((task) => task.state === 'RUNNING'),
    atRest: isAtRest(status),
    failedTask: status.tasks.find((task) => task.state === 'FAILED')?.trace,
    tasks: status.tasks.map(({ id }) => id),
  }
}

/** The word of whoever works the valve, where that is a person; undefined where it is a connector. */
export async function valveWord(
  look: Look,
  call: { readonly gate: 'valve-on' | 'valve-closed'; readonly args: Json },
  side: Side,
): Promise<Measured | undefined> {
  const { gate } = call
  const asked = valveQuestion(look.migration, call)
  if (!asked) return undefined
  const { question, role } = asked
  const given = wordGiven(question, look.answers)
  if (given?.verdict === 'passed')
    return { ...given, facts: { 'valve-word': { at: look.now, stands: gate === 'valve-on' ? side : 'closed' } } }
  if (given) return given
  const stands = await standsByWord(look)
  const isSo = gate === 'valve-on' ? stands === side : stands === 'closed' || stands === otherSide(side)
  return isSo
    ? { verdict: 'passed', text: `By the last word given, it is so: ${question}` }
    : unanswered(question, role)
}

/** Before anybody has said anything of it, a valve lets data into the source. */
export async function standsByWord({ fact }: Pick<Look, 'fact'>): Promise<ValveWord['stands']> {
  return readFact(valveWordFact, await fact('valve-word'))?.stands ?? 'source'
}

export function otherSide(side: Side): Side {
  return side === 'source' ? 'target' : 'source'
}

/** The sentence of every gate about a valve where there is none. */
export const noValve = { verdict: 'passed', text: 'This migration has no valve' } as const

export function connectValve({ valve }: Migration): ConnectValve | undefined {
  return valve.kind === 'connect' ? valve : undefined
}
