import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { type Side, sides } from '../config/migration.js'
import type { Acl } from '../connect/kafka/types.js'
import type { OnKafka, ReadsAcls } from '../gates/reading/clients.js'
import { fenceOf, isFenced } from '../proof/acls.js'
import type { Effect } from '../runbook/language.js'
import type { PerformContext, Performed } from './action.js'
import { Refusal } from './refusal.js'

export type FenceDeps = OnKafka<
  ReadsAcls & {
    aclsOfBrokers(topic: string): Promise<readonly (readonly Acl[] | undefined)[]>
    addAcls(acls: readonly Acl[]): Promise<void>
    removeAcls(acls: readonly Acl[]): Promise<void>
  }
>

const onSchema = z.object({ side: z.enum(sides), topic: z.string() })
const stateSchema = z.object({ fenced: z.boolean() })

/** Whether writing a topic is denied to everybody; undo is the same effect with before and after swapped. */
export function fenceEffect(action: string, side: Side, topic: string, fenced: boolean): Effect {
  return {
    id: `${action} ${side}/${topic}`,
    action,
    target: `${side}/topic/${topic}`,
    before: { fenced: !fenced },
    after: { fenced },
    on: { side, topic },
    text: fenced ? `deny everybody to write ${topic}` : `let ${topic} be written again by whom its ACLs allow`,
  }
}

export async function performFence(
  { kafka }: FenceDeps,
  effect: Effect,
  { stillMine }: PerformContext,
): Promise<Performed> {
  const { side, topic } = onSchema.parse(effect.on)
  const { fenced } = stateSchema.parse(effect.after)
  const already = isFenced((await kafka[side].acls()) ?? [], topic) === fenced
  if (!already) {
    await stillMine()
    if (fenced) await kafka[side].addAcls([fenceOf(topic)])
    else await kafka[side].removeAcls([fenceOf(topic)])
  }
  await untilSo(kafka[side], topic, fenced)
  if (already) return { text: `${topic} was so already` }
  return { text: fenced ? `nobody may write ${topic} but super users` : `${topic} may be written again` }
}

/** Brokers learn of an ACL a moment after it was answered for, one after the other. */
const waitMs = 2000
const everyMs = 100

/** On every broker: an app that starts meets any of them, and one that still denies would turn its first records away. */
async function untilSo(kafka: FenceDeps['kafka'][Side], topic: string, fenced: boolean): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    const brokers = await kafka.aclsOfBrokers(topic)
    if (brokers.length > 0 && brokers.every((acls) => isFenced(acls ?? [], topic) === fenced)) return
    if (waitedMs >= waitMs)
      throw new Refusal(
        'not-held',
        `The ${fenced ? 'fence' : 'way'} on ${topic} is not there yet on every broker; it is tried again`,
      )
    await pause(everyMs)
  }
}
