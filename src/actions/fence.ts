import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { type Migration, type Side, sides } from '../config/migration.js'
import type { Acl } from '../connect/kafka/types.js'
import type { OnKafka, ReadsAcls } from '../gates/reading/clients.js'
import { count, few } from '../gates/reading/say.js'
import { anyFence, fenceOf, isFenced } from '../proof/acls.js'
import { digest } from '../runbook/json.js'
import type { Effect } from '../runbook/language.js'
import type { PerformContext, Performed } from './action.js'
import { Refusal } from './refusal.js'

export type FenceDeps = OnKafka<
  ReadsAcls & {
    acls(like?: Partial<Acl>): Promise<readonly Acl[] | undefined>
    aclsOfBrokers(like: Partial<Acl>): Promise<ReadonlyMap<string, readonly Acl[] | 'silent'>>
    addAcls(acls: readonly Acl[]): Promise<void>
    removeAcls(acls: readonly Acl[]): Promise<void>
  }
>

/** `topics` are places in the run's list of them, since so many names would not fit into an event. Older logs have an effect for each topic, by its name. */
const onSchema = z.union([
  z.object({ side: z.enum(sides), topics: z.string().regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/), digest: z.string() }),
  z.object({ side: z.enum(sides), topic: z.string() }),
])
const stateSchema = z.object({ fenced: z.boolean() })

/**
 * Each request costs the controller a turn and every broker a look, while producers are down. Before KRaft a broker writes a request's topics one after
 * the other into ZooKeeper (AclAuthorizer.createAcls), and those of ten effects side by side must be there within the time of one.
 */
export const topicsAtOnce = 10

/** Whether writing some topics is denied to everybody; undo is the same effect with before and after swapped. */
export function fenceEffects(
  action: string,
  side: Side,
  topics: readonly string[],
  fenced: boolean,
  { topics: all }: Migration,
): Effect[] {
  const changes = Array.from({ length: Math.ceil(topics.length / topicsAtOnce) }, (_, i) =>
    topics.slice(i * topicsAtOnce, (i + 1) * topicsAtOnce),
  )
  return changes.map((some) => {
    const which = named(some)
    const said = sayTopics(some)
    return {
      // By its topics: an attempt that finds others open plans another effect, and undo needs both.
      id: `${action} ${side}/${short(some[0]!)} (${which})`,
      action,
      target: `${side}/topics`,
      before: { fenced: !fenced },
      after: { fenced },
      on: { side, topics: placesOf(some, all), digest: which },
      text: fenced ? `deny everybody to write ${said}` : `let ${said} be written again by whom ACLs allow`,
    }
  })
}

const named = (topics: readonly string[]) => digest(topics).slice(0, 12)

/** `0-19,25`: which of all these are. */
function placesOf(topics: readonly string[], all: readonly string[]): string {
  const place = new Map(all.map((topic, i) => [topic, i]))
  const ranges: [number, number][] = []
  for (const at of topics.map((topic) => place.get(topic)!)) {
    const last = ranges.at(-1)
    if (last?.[1] === at - 1) last[1] = at
    else ranges.push([at, at])
  }
  return ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(',')
}

/** By the list that the run was begun with, which stays; the digest holds it to what was approved. */
function onWhat(effect: Effect, { topics: all }: Migration): { side: Side; topics: readonly string[] } {
  const on = onSchema.parse(effect.on)
  if ('topic' in on) return { side: on.side, topics: [on.topic] }
  const topics = on.topics.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return all.slice(from, to + 1)
  })
  if (named(topics) !== on.digest)
    throw new Refusal('fact-changed', `The run's topics are no longer those of "${effect.text}". Plan the step again`)
  return { side: on.side, topics }
}

/** A name may have 249 characters. */
const short = (topic: string) => (topic.length > 40 ? `${topic.slice(0, 37)}...` : topic)

/** `orders`, or `12 topics (orders, payments and 10 more)` */
const sayTopics = (topics: readonly string[]) =>
  topics.length === 1 ? short(topics[0]!) : `${count(topics.length, 'topic')} (${few(topics.map(short), 2)})`

export async function performFence(
  { kafka }: FenceDeps,
  effect: Effect,
  { migration, stillMine }: PerformContext,
): Promise<Performed> {
  const { side, topics } = onWhat(effect, migration)
  const { fenced } = stateSchema.parse(effect.after)
  const said = sayTopics(topics)
  const differing = notSo(fenced, (await kafka[side].acls(fencesOf(topics))) ?? [], topics)
  if (differing.length > 0) {
    await stillMine()
    if (fenced) await kafka[side].addAcls(differing.map(fenceOf))
    else await kafka[side].removeAcls(differing.map(fenceOf))
  }
  await untilSo(kafka[side], topics, fenced)
  if (differing.length === 0) return { text: `${said} ${topics.length === 1 ? 'was' : 'were'} so already` }
  const already = topics.length - differing.length
  return {
    text: `${fenced ? `nobody may write ${said} but super users` : `${said} may be written again`}${already > 0 ? `; ${already} of them ${already === 1 ? 'was' : 'were'} so already` : ''}`,
  }
}

/** A request names one topic or none; of all rights those of fences are few, and are read once for each change and broker. */
const fencesOf = (topics: readonly string[]) => (topics.length === 1 ? fenceOf(topics[0]!) : anyFence)

const notSo = (fenced: boolean, acls: readonly Acl[], topics: readonly string[]) =>
  topics.filter((topic) => isFenced(acls, topic) !== fenced)

/** Brokers learn of an ACL a moment after it was answered for, one after the other. */
const waitMs = 2000
const everyMs = 100
/** So long a silent broker keeps a look waiting. */
const silentMs = 1000

/**
 * On every broker: an app that starts meets any of them, and one that still denies would turn its first records away. A fence that goes up waits for
 * those alone that answer: it comes on top of the proof, and producers are down meanwhile.
 */
async function untilSo(kafka: FenceDeps['kafka'][Side], topics: readonly string[], fenced: boolean): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    const brokers = await kafka.aclsOfBrokers(fencesOf(topics))
    const silent = [...brokers].flatMap(([address, acls]) => (acls === 'silent' ? [address] : []))
    const late = new Set(
      [...brokers.values()].flatMap((acls) => (acls === 'silent' ? [] : notSo(fenced, acls, topics))),
    )
    if (silent.length < brokers.size && late.size === 0 && (fenced || silent.length === 0)) return
    if (silent.length > 0) waitedMs += silentMs
    if (waitedMs >= waitMs)
      throw new Refusal(
        'not-held',
        late.size > 0
          ? `The ${fenced ? 'fence' : 'way'} on ${sayTopics([...late])} is not there yet on every broker; it is tried again`
          : `Whether ${sayTopics(topics)} may be written again is not known of ${silent.join(', ')}, which does not answer; it is tried again`,
      )
    await pause(everyMs)
  }
}
