import { setTimeout as pause } from 'node:timers/promises'
import type { Migration } from '../config/migration.js'
import { differencesEvidence } from '../gates/reading/differences.js'
import type { Ready } from '../run/ready.js'
import type { State } from '../run/state.js'
import type { Json } from '../runbook/json.js'
import type { FactName, Runbook } from '../runbook/language.js'
import { emptyMemory, type LookDeps, type Looked, lookAt } from './look.js'
import { contextNow } from './plan.js'

/** Gates that compare two moments need a second look. */
const againMs = 2000
const withinMs = 12_000

/** Measures the think gates of every step of a runbook at once, again while one has not seen enough; nothing is changed. */
export async function measureReady<GateDeps>(
  deps: LookDeps<GateDeps>,
  runbook: Runbook,
  migration: Migration,
  state: State,
  now: number,
  fact: (name: FactName) => Promise<Json | undefined>,
): Promise<Ready> {
  const calls = runbook.steps.flatMap((step) => step.think.map((call) => ({ step: step.id, call })))
  const begun = performance.now()
  const passed = () => Math.round(performance.now() - begun)
  const look = (memory: Looked['memory']) => {
    const context = { ...contextNow(state, migration, now + passed(), fact), since: now }
    return lookAt(
      deps,
      calls.map(({ call }) => call),
      memory,
      context,
    )
  }
  let looked = await look(emptyMemory)
  while (looked.looks.some(({ verdict }) => verdict === 'inconclusive') && passed() < withinMs) {
    await pause(againMs)
    looked = await look(looked.memory)
  }
  return {
    runbook: runbook.name,
    at: now,
    looks: looked.looks.map((one, i) => {
      const compared = differencesEvidence.safeParse(looked.evidence[i]).data
      return {
        ...one,
        step: calls[i]!.step,
        differing: compared?.differing ?? 0,
        differences: compared?.differences ?? [],
      }
    }),
  }
}
