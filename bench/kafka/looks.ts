import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { repository } from '../../lab/repository.js'
import { topicsAtOnce } from '../../src/actions/fence.js'
import { type ActionDeps, actions } from '../../src/actions/index.js'
import { loadMigration } from '../../src/config/load.js'
import type { Side } from '../../src/config/migration.js'
import { createKafka } from '../../src/connect/kafka/kafka.js'
import { createKafkaConnect } from '../../src/connect/kafka-connect/kafka-connect.js'
import { type GateDeps, gates } from '../../src/gates/index.js'
import { performEffect, planStep } from '../../src/jobs/act.js'
import { emptyMemory, lookAt, type Memory } from '../../src/jobs/look.js'
import { chain } from '../../src/log/chain.js'
import { parallelEffects } from '../../src/run/due.js'
import type { Event, GateLook } from '../../src/run/events.js'
import { createRunbooks } from '../../src/runbook/files.js'
import { digest, type Json } from '../../src/runbook/json.js'
import type { FactName, GateCall } from '../../src/runbook/language.js'
import { elsewhere, expected, lookedAt, planned, type Scene } from './expected.js'
import { type Estate, migrationText } from './looked-at.js'

/**
 * A process that looks at a whole estate with the gates of the shipped runbooks, one after the other, as the engine does, and plans its
 * actions. Usage: looks.js ESTATE SCENE look|do FOLDER, where the estate is JSON; prints a line of JSON for each look or plan, then the most memory
 * that it had. What looks remember and the facts that they give lie in the folder for the next scene.
 */
const [estateText = '', sceneText = '', what = 'look', folder = ''] = process.argv.slice(2)
const estate = JSON.parse(estateText) as Estate
const scene = sceneText as Scene
const migration = loadMigration('migration.yaml', migrationText(estate))

const requests = { source: 0, target: 0 }
const client = (side: Side) =>
  createKafka({ bootstrap: estate.bootstrap[side], clientId: 'floodgate-bench', onRequest: () => requests[side]++ })
const kafka = { source: client('source'), target: client('target') }
const worker = createKafkaConnect(estate.connect)
const sleeping = {
  seen: async (workloads: readonly string[]) =>
    new Map(workloads.map((one) => [one, { replicas: 1, ready: 1, pods: [] }])),
  replicas: async (workloads: readonly string[]) => new Map(workloads.map((one) => [one, 1])),
}
const deps = {
  kafka,
  connect: () => worker,
  workloads: { source: sleeping, target: sleeping },
  kafkaUsers: async () => undefined,
  schemaRegistry: () => ({ schema: async () => undefined, mode: async () => undefined }),
  clock: () => performance.now(),
} as unknown as GateDeps & ActionDeps
const doers = { gates, gateDeps: deps, actions, actionDeps: deps }

const kept = <T>(name: string, otherwise: T): T => {
  const file = join(folder, `${name}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : otherwise
}
const keep = (name: string, content: unknown) => writeFileSync(join(folder, `${name}.json`), JSON.stringify(content))

const facts: { [name in FactName]?: Json } = kept('facts', {
  capacity: { target: { at: 0, bytesPerSecond: 100_000_000 }, source: { at: 0, bytesPerSecond: 100_000_000 } },
})
const fact = async (name: FactName) => facts[name]
/** The clock of the looks: two of them lie so far apart. */
const betweenMs = 4000
const mostLooks = 100

const where = { run: 'cutover-20261130-2205', step: 'stop-mirror', attempt: 1 }
const entryBytes = (event: Event) => {
  const head = { version: 1000, head: digest('the event before') }
  return Buffer.byteLength(
    JSON.stringify(chain(head, [event], { kind: 'engine', replica: 'floodgate-5c9f7-x2x4v' }, Date.now())[0]),
  )
}

if (what === 'do') await doPlans()
else await lookAtAll()
console.log(JSON.stringify({ mebibytes: process.resourceUsage().maxRSS / 1024 }))
await Promise.all([kafka.source.close(), kafka.target.close()])

async function lookAtAll(): Promise<void> {
  const books = createRunbooks(join(repository(), 'runbooks'), gates, actions, migration)
  const runbooks = await Promise.all(['prepare', 'cutover', 'cutover-mirror-last', 'rollback'].map(books.load))
  const calls = new Map<string, GateCall>()
  for (const { hold, steps } of runbooks)
    for (const call of [...hold, ...steps.flatMap(({ think, check }) => [...think, ...check])])
      if (!elsewhere.has(call.gate) && !calls.has(call.gate) && (lookedAt[call.gate]?.(call.args) ?? true))
        calls.set(call.gate, call)
  const unknown = [...calls.keys()].filter((gate) => !(gate in expected))
  if (unknown.length > 0) throw new Error(`what must ${unknown.join(', ')} say of the estate? See expected.ts`)

  const memories = kept<Record<string, Memory>>(`memory-${scene === 'wrong' ? 'well' : 'none'}`, {})
  const after: Record<string, Memory> = {}
  await Promise.all([kafka.source.endOffsets(migration.topics.slice(0, 1)), kafka.target.state([])])
  for (const [gate, verdicts] of Object.entries(expected)) {
    const [wanted, call] = [verdicts[scene], calls.get(gate)]
    if (!wanted || !call) continue
    after[gate] = await measured(
      gate,
      [{ ...call, forMs: 0 }],
      memories[gate] ?? emptyMemory,
      ([look]) => look?.verdict === wanted,
    )
  }
  keep(`memory-${scene}`, after)
  if (scene !== 'wrong') keep('facts', facts)
  await plans()
  if (scene !== 'well' && scene !== 'wrong') return
  for (const [name, id, phase] of [
    ['cutover', 'stop-mirror', 'think'],
    ['cutover', 'stop-mirror', 'check'],
    ['cutover', 'stop-dam', 'check'],
  ] as const) {
    const step = runbooks.find((one) => one.name === name)?.steps.find((one) => one.id === id)
    const all = step?.[phase].filter((one) => !elsewhere.has(one.gate)).map((one) => ({ ...one, forMs: 0 })) ?? []
    let looks = 0
    await measured(`${name}, ${id}, ${phase}: ${all.length} gates side by side`, all, emptyMemory, () => ++looks >= 2)
  }
}

/** Looks until it says what it must; the slowest look counts. */
async function measured(
  name: string,
  calls: readonly GateCall[],
  before: Memory,
  done: (looks: readonly GateLook[]) => boolean,
): Promise<Memory> {
  let memory = before
  let now = Math.max(before.at, Date.now()) + betweenMs
  if (before.at > 0) now = before.at + betweenMs
  const worst = { seconds: 0, blockedMs: 0, requests: 0, eventBytes: 0, evidenceBytes: 0 }
  for (let looks = 1; ; looks++, now += betweenMs) {
    requests.source = requests.target = 0
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const from = performance.now()
    const looked = await lookAt(doers, calls, memory, { now, since: now, migration, fact, alerts: [], answers: [] })
    // What the engine does with it: remembered at each look, kept by digest where an event names it.
    const size = JSON.stringify(looked.memory).length
    const gatesOf = looked.looks.map((one, i) =>
      looked.evidence[i] === undefined ? one : { ...one, evidence: digest(looked.evidence[i]) },
    )
    const took = (performance.now() - from) / 1000
    await new Promise((resolve) => setImmediate(resolve))
    delay.disable()
    worst.seconds = Math.max(worst.seconds, took)
    worst.blockedMs = Math.max(worst.blockedMs, delay.max / 1e6)
    worst.requests = Math.max(worst.requests, requests.source + requests.target)
    worst.eventBytes = Math.max(worst.eventBytes, entryBytes({ type: 'think-changed', ...where, gates: gatesOf }))
    worst.evidenceBytes = Math.max(worst.evidenceBytes, size)
    memory = looked.memory
    if (done(looked.looks)) {
      const [look] = looked.looks
      console.log(
        JSON.stringify({
          name,
          kind: calls.length > 1 ? 'phase' : 'gate',
          looks,
          verdict: look?.verdict,
          ...worst,
        }),
      )
      // What is wrong is wrong by the facts of before.
      const given = Object.entries(looked.facts).filter(([fact]) => scene !== 'wrong' || fact === 'orphans')
      Object.assign(facts, Object.fromEntries(given))
      return memory
    }
    if (looks >= mostLooks || looked.looks.some(({ verdict }) => verdict === 'error'))
      throw new Error(`${name} in ${scene}, look ${looks}: ${JSON.stringify(looked.looks)}`)
  }
}

function plansOf() {
  const { users, topics, groups } = { ...estate.size, users: 2 * estate.size.groups }
  const of = { users, topics, groups, fences: Math.ceil(topics / topicsAtOnce) }
  return (planned[scene] ?? []).map((one) => ({ ...one, of: of[one.of] }))
}

async function plan(action: string, args: object) {
  return planStep(doers, { do: [{ action, args: args as Json }] }, { now: Date.now(), migration, fact })
}

async function plans(): Promise<void> {
  for (const { action, args, of } of plansOf()) {
    requests.source = requests.target = 0
    const from = performance.now()
    const { effects } = await plan(action, args)
    const seconds = (performance.now() - from) / 1000
    if (effects.length !== of) throw new Error(`${action} plans ${effects.length} changes where there are ${of}`)
    const eventBytes = Math.max(...effects.map((one) => entryBytes({ type: 'effect-planned', ...where, ...one })))
    console.log(
      JSON.stringify({
        name: action,
        kind: 'plan',
        seconds,
        requests: requests.source + requests.target,
        eventBytes,
      }),
    )
  }
}

/** So many at once as the engine does. */
async function doPlans(): Promise<void> {
  for (const { action, args } of plansOf()) {
    const { effects } = await plan(action, args)
    requests.source = requests.target = 0
    const from = performance.now()
    const context = { now: Date.now(), migration, fact, stillMine: async () => {} }
    const done = []
    for (let at = 0; at < effects.length; at += parallelEffects) {
      const some = effects.slice(at, at + parallelEffects)
      done.push(...(await Promise.all(some.map(({ effect }) => performEffect(doers, effect, context)))))
    }
    const seconds = (performance.now() - from) / 1000
    const failed = done.flatMap((one) => ('failed' in one ? [one.failed] : []))
    if (failed.length > 0) throw new Error(`${failed.length} changes of ${action} failed: ${failed[0]}`)
    console.log(JSON.stringify({ name: action, kind: 'done', seconds, requests: requests.source + requests.target }))
  }
}
