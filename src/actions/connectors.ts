import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { ConnectorStatus } from '../connect/kafka-connect/kafka-connect.js'
import { isAtRest } from '../gates/reading/connector.js'
import type { Effect } from '../runbook/language.js'
import { Refusal } from './refusal.js'

/** What driving a connector may touch. */
export interface DrivesConnectors {
  status(connector: string): Promise<ConnectorStatus | undefined>
  stop(connector: string): Promise<'stop' | 'pause'>
  resume(connector: string): Promise<void>
}

export const wantedState = z.object({ state: z.enum(['RUNNING', 'STOPPED']) })

/** An effect has to end in 4 s with all else that it does; whether the state was reached is the gate's to say. */
const waitMs = 2000
const everyMs = 100

export function isRunning(status: ConnectorStatus | undefined): boolean {
  return status?.state === 'RUNNING' && status.tasks.some((task) => task.state === 'RUNNING')
}

/** The change of one connector's state; undo is the same effect with before and after swapped. */
export function stateEffect(
  action: string,
  where: string,
  connector: string,
  to: 'RUNNING' | 'STOPPED',
  on: Record<string, string>,
): Effect {
  return {
    id: `${action} ${where}/${connector}`,
    action,
    target: `${where}/connector/${connector}`,
    before: { state: to === 'RUNNING' ? 'STOPPED' : 'RUNNING' },
    after: { state: to },
    on: { ...on, connector },
    text: `${to === 'RUNNING' ? 'start' : 'stop'} ${connector}`,
  }
}

/** Asks for a state and waits for it as long as an effect may; says how far it came. */
export async function drive(connect: DrivesConnectors, connector: string, to: 'RUNNING' | 'STOPPED'): Promise<string> {
  const reached = to === 'RUNNING' ? isRunning : isAtRest
  const before = await connect.status(connector)
  if (!before)
    throw new Refusal(
      'connector-unknown',
      `There is no connector ${connector}. Compare migration.yaml with what Kafka Connect lists`,
    )
  if (reached(before)) return `${connector} was already ${before.state}`
  const how =
    to === 'RUNNING' ? await connect.resume(connector).then(() => 'started') : sayStop(await connect.stop(connector))
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    const status = await connect.status(connector)
    if (reached(status)) return `${how} ${connector}: ${status?.state ?? 'gone'}, ${status?.tasks.length ?? 0} tasks`
    if (waitedMs >= waitMs)
      return `${how} ${connector}; it is still ${status?.state} with ${status?.tasks.length} tasks`
    await pause(everyMs)
  }
}

function sayStop(how: 'stop' | 'pause'): string {
  return how === 'stop' ? 'stopped' : 'paused (Kafka Connect before 3.5 and Strimzi before 0.38 know no stop)'
}
