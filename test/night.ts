import type { Redis } from 'ioredis'
import { keys } from '../src/connect/redis/keys.js'
import { createLogStore } from '../src/connect/redis/log.js'
import { createEvidenceStore, createScratch } from '../src/connect/redis/stores.js'
import { createAdvance } from '../src/jobs/advance.js'
import type { Memory } from '../src/jobs/look.js'
import { createLog } from '../src/log/submit.js'
import type { PersonCommand } from '../src/run/commands.js'
import type { Entry, Person } from '../src/run/events.js'
import type { Live } from '../src/run/live.js'
import { currentStep, type State } from '../src/run/state.js'
import type { Wanted } from '../src/run/wanted.js'
import { type Estate, rollbackSteps, testMigration, threeSteps } from './estate.js'

export const alice: Person = { kind: 'person', id: 'U1', name: 'Alice', via: 'slack' }
export const bob: Person = { kind: 'person', id: 'U2', name: 'Bob', via: 'slack' }
export const carol: Person = { kind: 'person', id: 'U3', name: 'Carol', via: 'slack' }
export const eve: Person = { kind: 'person', id: 'U9', name: 'Eve', via: 'slack' }

/** One replica of the engine on real Redis and the model estate; rounds are run by hand, so a test decides who acts when. */
export function night(redis: Redis, estate: Estate, name = 'test', replica = 'one') {
  const key = keys(name)
  const log = createLog(createLogStore<Entry>(redis, key.log), () => {})
  let nonces = 0
  const advance = createAdvance({
    log,
    replica,
    gates: estate.gates,
    gateDeps: estate,
    actions: estate.actions,
    actionDeps: estate,
    evidence: createEvidenceStore(redis, key.evidence),
    memory: createScratch<Memory>(redis, key.memory, 60),
    live: createScratch<Live>(redis, key.live, 60),
    rolesNow: async (people) => new Map(people.map((person) => [person, person === eve.id ? [] : ['operators']])),
    nonce: () => `${replica}-${++nonces}`,
  })
  const say = (by: Person, command: Wanted, roles = by === eve ? [] : ['operators']) =>
    log.submit({ by, roles, ...command } as PersonCommand)
  const sources = { migration: testMigration, bot: '0' }

  async function until(done: (state: State) => boolean, rounds = 200): Promise<State> {
    for (let i = 0; i < rounds; i++) {
      await advance()
      const { state } = await log.load()
      if (done(state)) return state
    }
    const { state } = await log.load()
    throw new Error(`not reached; ${JSON.stringify(state.run && currentStep(state.run), null, 1)}`)
  }
  const where = (state: State) => {
    const step = currentStep(state.run!)!
    return { run: state.run!.id, step: step.id, attempt: step.attempt }
  }

  return {
    log,
    advance,
    say,
    until,
    where,
    start: (by: Person, text = threeSteps, how: Partial<Extract<Wanted, { do: 'start' }>> = {}) =>
      say(by, { do: 'start', runbook: estate.runbook(text), mode: 'real', notBefore: null, ...sources, ...how }),
    rollback: (by: Person) =>
      say(by, { do: 'rollback', reason: 'sick', runbook: estate.runbook(rollbackSteps), ...sources }),
    asked: (step: string) =>
      until((state) => currentStep(state.run!)?.id === step && currentStep(state.run!)?.phase.is === 'asking'),
    async approve(by: Person, step: string) {
      const state = await this.asked(step)
      return this.click(by, state)
    },
    /** Clicks the Approve that this state shows, however old it is. */
    click: (by: Person, state: State) => {
      const phase = currentStep(state.run!)!.phase as { nonce: string; digest: string }
      return say(by, { do: 'approve', ...where(state), nonce: phase.nonce, digest: phase.digest })
    },
    finished: () => until((state) => state.run?.phase.is === 'finished'),
  }
}
