import { z } from 'zod'
import { gate } from '../../src/gates/gate.js'
import { createAdvance } from '../../src/jobs/advance.js'
import type { Memory } from '../../src/jobs/look.js'
import { createLog } from '../../src/log/submit.js'
import type { PersonCommand } from '../../src/run/commands.js'
import type { Entry } from '../../src/run/events.js'
import type { Live } from '../../src/run/live.js'
import { currentStep } from '../../src/run/state.js'
import { loadRunbook } from '../../src/runbook/load.js'
import { createAnnounce } from '../../src/slack/announce/index.js'
import type { ShownStore } from '../../src/slack/announce/shown.js'
import type { Web } from '../../src/slack/announce/web.js'
import { messages } from '../../src/slack/messages/index.js'
import { Estate, testMigration } from '../../test/estate.js'
import { alice, bob } from '../../test/night.js'

export interface LongNight {
  readonly logBytes: number
  readonly events: number
  readonly heapBytes: number
  readonly slackCalls: number
}

const apps = Array.from({ length: 300 }, (_, i) => `app-${i}`)
const partitions = 10_000
const hours = 6
const hourMs = 3_600_000
/** What a look takes by the model's clock: its figures move at every look, and the channel shows them. */
const lookMs = 10_000

const steps = (names: readonly string[]) => `
runbook: night
title: A long night
approve: operators
rollback: rollback
steps:
  - id: stop
    title: Stop them all
    do: [set: { apps: [${names.join(', ')}], replicas: 0 }]
    check: [drain: { within: ${hours}h }]
  - id: start
    title: Start them all
    undo: none
    do: [set: { apps: [${names.join(', ')}], replicas: 2 }]
    check: [drain: { within: ${hours}h }]
`

/** A night of 300 apps, 10,000 partitions and six hours with the clock turned fast: two steps, each of which waits three hours for its drain. */
export async function longNight(): Promise<LongNight> {
  const estate = new Estate(apps)
  const clock = { now: 1_700_000_000_000 }
  const entries: Entry[] = []
  const log = createLog(
    {
      readAfter: async (version) => ({ entries: entries.slice(version), now: clock.now }),
      append: async (version, more) => version === entries.length && Boolean(entries.push(...more)),
    },
    () => {},
  )
  const gates = new Map([['drain', drainGate(() => (clock.now += lookMs))]])
  const kept = new Map<string, Memory>()
  const evidence = new Map<string, string>()
  let nonces = 0
  let figures: Live | null = null
  const advance = createAdvance({
    log,
    replica: 'one',
    gates,
    gateDeps: {},
    actions: estate.actions,
    actionDeps: estate,
    evidence: {
      put: async (digest, content) => void evidence.set(digest, content),
      get: async (digest) => evidence.get(digest) ?? null,
    },
    memory: { get: async (name) => kept.get(name), set: async (name, memory) => void kept.set(name, memory) },
    live: {
      set: async (_name, live) => {
        figures = live
      },
    },
    rolesNow: async (people) => new Map(people.map((person) => [person, ['operators']])),
    nonce: () => `n${++nonces}`,
  })
  const slack = countingSlack()
  const announce = createAnnounce({
    web: slack.web,
    shown: shownInMemory(),
    drawing: { png: async () => null, words: async () => null },
    file: async () => null,
    migration: 'test',
    channel: 'C1',
    log: () => {},
    now: () => clock.now,
    render: async () => {
      const { state, now } = await log.load()
      return { version: state.version, messages: messages(state, figures, null, now) }
    },
  })
  const begun = clock.now
  const runbook = loadRunbook('night.yaml', steps(apps), {
    gates,
    actions: estate.actions,
    policies: ['operators'],
    roles: ['operators'],
    runbooks: ['rollback'],
  })
  const start = { do: 'start', runbook, migration: testMigration, bot: '0', mode: 'real', notBefore: null } as const
  await log.submit({ by: alice, roles: ['operators'], ...start })
  let heapBytes = 0
  for (;;) {
    const again = await advance()
    await announce()
    heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed)
    const { run } = (await log.load()).state
    if (run?.phase.is === 'finished') break
    const step = currentStep(run!)
    if (step?.phase.is === 'failed') throw new Error(step.phase.why)
    if (step?.phase.is === 'asking') {
      const { nonce, digest } = step.phase
      const at = { run: run!.id, step: step.id, attempt: step.attempt }
      await log.submit({ by: bob, roles: ['operators'], do: 'approve', ...at, nonce, digest } as PersonCommand)
    }
    clock.now += Math.max(again ?? 0, 10)
  }
  if (clock.now - begun < hours * hourMs) throw new Error('The night was shorter than it was meant to be.')
  const logBytes = entries.reduce((sum, entry) => sum + JSON.stringify(entry).length, 0)
  return { logBytes, events: entries.length, heapBytes, slackCalls: slack.calls() }
}

/** Drained after half of the night; each look says how far every partition is, which is its evidence. */
function drainGate(took: () => void) {
  return gate<object, object>({
    name: 'drain',
    proves: 'that every partition was read to its end',
    args: z.strictObject({}),
    measure: async (_deps, _args, { now, since }) => {
      took()
      const left = Math.max(0, (hours / 2) * hourMs - (now - since))
      const evidence = Object.fromEntries(Array.from({ length: partitions }, (_, i) => [`orders-${i}`, left + i]))
      return { verdict: left ? 'failed' : 'passed', text: `${left} records are left.`, evidence }
    },
  })
}

/** Takes every message at once, and counts what it is asked. */
function countingSlack(): { readonly web: Web; readonly calls: () => number } {
  let calls = 0
  const ok = async <T>(value: T) => {
    calls += 1
    return { is: 'ok', value } as const
  }
  const web: Web = {
    post: (channel) => ok({ channel, ts: String(calls + 1) }),
    update: () => ok(null),
    remove: () => ok(null),
    labelled: () => ok([]),
    upload: () => ok('F1'),
    share: () => ok(null),
    reply: () => ok(null),
    ready: () => ok(true),
    forget: () => ok(null),
  }
  return { web, calls: () => calls }
}

function shownInMemory(): ShownStore {
  const fields = new Map<string, string>()
  return {
    all: async () => fields,
    swap: async (field, _was, next) => {
      if (next === null) fields.delete(field)
      else fields.set(field, next)
      return true
    },
  }
}
