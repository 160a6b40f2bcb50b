import type { Gate, Look } from '../gates/gate.js'
import type { GateLook } from '../run/events.js'
import { sayGate } from '../runbook/gate-words.js'
import type { Json } from '../runbook/json.js'
import type { FactName, GateCall, Measured } from '../runbook/language.js'

/** What must outlive one look so that the next can build on it: the last evidence, and since when each gate has passed. */
export interface Memory {
  readonly gates: Readonly<
    Record<string, { last: Json | undefined; passingSince: number | null; erringSince: number | null }>
  >
  readonly facts: { readonly [name in FactName]?: Json }
  /** When the last look was. */
  readonly at: number
}
export const emptyMemory: Memory = { gates: {}, facts: {}, at: 0 }

export interface LookDeps<GateDeps> {
  readonly gates: ReadonlyMap<string, Gate<GateDeps>>
  readonly gateDeps: GateDeps
}

export interface Looked {
  readonly looks: readonly GateLook[]
  /** What each look rests on, in the same order; kept only where an event will name it. */
  readonly evidence: readonly (Json | undefined)[]
  readonly outcome: 'wait' | 'passed' | { failed: string }
  readonly facts: { readonly [name in FactName]?: Json }
  readonly memory: Memory
}

/** A gate that has not answered by then is an error. */
const measuredWithinMs = 20_000
/** How long a gate without `within` may be unable to give a verdict before the step fails. */
const patience = { inconclusive: 300_000, error: 60_000 }

/** Looks once at all gates of a phase, side by side; a gate that needs a fact of another in the list looks after it. */
export async function lookAt<GateDeps>(
  deps: LookDeps<GateDeps>,
  calls: readonly GateCall[],
  memory: Memory,
  context: Omit<Look, 'last'>,
): Promise<Looked> {
  const given = { ...memory.facts }
  const found = new Map<GateCall, Measured>()
  const measureAll = (some: readonly GateCall[]) =>
    Promise.all(
      some.map(async (call) => {
        const fact: Look['fact'] = async (name) => given[name] ?? (await context.fact(name))
        const measured = await measure(deps, call, { ...context, fact, last: memory.gates[sayGate(call)]?.last })
        found.set(call, measured)
        if (measured.verdict === 'passed') Object.assign(given, measured.facts)
      }),
    )
  const waits = (call: GateCall) =>
    deps.gates
      .get(call.gate)
      ?.needs?.some((fact) =>
        calls.some((other) => other !== call && deps.gates.get(other.gate)?.gives?.includes(fact)),
      )
  await measureAll(calls.filter((call) => !waits(call)))
  await measureAll(calls.filter(waits))

  const gates = Object.fromEntries(
    calls.map((call) => [sayGate(call), remember(memory.gates[sayGate(call)], found.get(call)!, context.now)]),
  )
  const judged = calls.map((call) => held(call, found.get(call)!, gates[sayGate(call)]!.passingSince, context.now))
  const looks = calls.map((call, i) => toLook(call, judged[i]!))
  return {
    looks,
    evidence: judged.map((one) => one.evidence),
    outcome: judge(calls, looks, judged, gates, context),
    facts: given,
    memory: { gates, facts: given, at: context.now },
  }
}

async function measure<GateDeps>(deps: LookDeps<GateDeps>, call: GateCall, look: Look): Promise<Measured> {
  const gate = deps.gates.get(call.gate)
  if (!gate) return { verdict: 'error', text: `${call.gate} is a gate that this version does not know.` }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Measured>((resolve) => {
    timer = setTimeout(
      () =>
        resolve({ verdict: 'error', text: `${call.gate} could not be measured within ${measuredWithinMs / 1000} s.` }),
      measuredWithinMs,
    )
  })
  try {
    return await Promise.race([gate.measure(deps.gateDeps, gate.args.parse(call.args), look), late])
  } catch (error) {
    return {
      verdict: 'error',
      text: `${call.gate} could not be measured: ${error instanceof Error ? error.message : String(error)}`,
    }
  } finally {
    clearTimeout(timer)
  }
}

const remember = (
  before: Memory['gates'][string] | undefined,
  measured: Measured,
  now: number,
): Memory['gates'][string] => ({
  last: measured.evidence ?? before?.last,
  passingSince: measured.verdict === 'passed' ? (before?.passingSince ?? now) : null,
  erringSince: measured.verdict === 'error' ? (before?.erringSince ?? now) : null,
})

/** `for`: a gate that has not yet passed for long enough is not passed. */
function held(call: GateCall, measured: Measured, since: number | null, now: number): Measured {
  if (measured.verdict !== 'passed' || !call.forMs || (since !== null && now - since >= call.forMs)) return measured
  return {
    ...measured,
    verdict: 'inconclusive',
    text: `${measured.text} It must stay so for ${call.forMs / 1000} s; so far ${Math.floor((now - (since ?? now)) / 1000)} s.`,
  }
}

const toLook = (call: GateCall, { verdict, text }: Measured): GateLook => ({
  gate: sayGate(call),
  verdict,
  text: text.slice(0, 400),
  warn: call.warn,
})

/** Passed when all pass in one look; failed when one is final or has used up its time, or an impatient one fails while all patient ones pass. */
function judge(
  calls: readonly GateCall[],
  looks: readonly GateLook[],
  judged: readonly Measured[],
  gates: Memory['gates'],
  { now, since }: { now: number; since: number },
): Looked['outcome'] {
  const open = calls.flatMap((call, i) =>
    call.warn || looks[i]!.verdict === 'passed' ? [] : [{ call, look: looks[i]!, final: judged[i]!.final }],
  )
  if (!open.length) return 'passed'
  const final = open.find((one) => one.final && one.look.verdict === 'failed')
  if (final) return { failed: final.look.text }
  const patientPass = open.every(({ call }) => call.withinMs === 0)
  for (const { call, look } of open) {
    const erring = gates[look.gate]?.erringSince
    const over =
      call.withinMs > 0
        ? now - since > call.withinMs
        : look.verdict === 'failed'
          ? patientPass
          : look.verdict === 'error'
            ? now - (erring ?? now) > patience.error
            : now - since > patience.inconclusive && patientPass
    if (over) return { failed: call.withinMs > 0 ? `Not within ${call.withinMs / 1000} s: ${look.text}` : look.text }
  }
  return 'wait'
}
