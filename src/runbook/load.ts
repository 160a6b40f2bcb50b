import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { z } from 'zod'
import { durationMs } from '../config/duration.js'
import { digest, type Json } from './json.js'
import type { ActionCall, FactName, GateCall, Runbook, Step } from './language.js'

/** What the loader must know of a gate or an action; the registries of gates/ and actions/ fit. */
export interface Callable {
  readonly name: string
  readonly args: z.ZodType
  readonly gives?: readonly FactName[]
  readonly needs?: readonly FactName[]
  /** Of an action: the gates that must hold once its effects are undone. */
  readonly undone?: (args: never) => readonly UndoneGate[]
}
export interface UndoneGate {
  readonly gate: string
  readonly args: Json
  readonly withinMs: number
}
export interface Registries {
  readonly gates: ReadonlyMap<string, Callable>
  readonly actions: ReadonlyMap<string, Callable>
  /** Names of migration.yaml's policies and roles. */
  readonly policies: readonly string[]
  readonly roles: readonly string[]
  /** Names of the other runbooks, for `rollback`. */
  readonly runbooks: readonly string[]
}

/** All mistakes of a runbook at once, each with file, line, what was read and what is allowed. */
export class RunbookError extends Error {
  readonly code = 'runbook-invalid'
  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'))
  }
}

const runbookKeys = ['runbook', 'title', 'approve', 'hold', 'rollback', 'steps']
const stepKeys = ['id', 'title', 'think', 'do', 'check', 'approve', 'attempts', 'skip', 'undo']
const engineArgs = z.object({
  for: durationMs.default(0),
  within: durationMs.default(0),
  warn: z.boolean().default(false),
})
const id = z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected lower case letters, digits and -')

/** Reads one runbook. Nothing of it is taken unless all of it is right. */
export function loadRunbook(file: string, text: string, registries: Registries): Runbook {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const mistakes: string[] = []
  const complain = (node: unknown, message: string) => {
    const offset = (node as Node | null)?.range?.[0] ?? 0
    mistakes.push(`${file}:${lines.linePos(offset).line}: ${message}`)
  }
  for (const error of document.errors)
    mistakes.push(`${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`)
  if (mistakes.length) throw new RunbookError(mistakes)

  const root = fields(document.contents, runbookKeys, 'a runbook')
  const name = scalar(root.runbook, id, 'runbook', document.contents)
  const title = scalar(root.title, z.string().min(1), 'title', document.contents)
  const approve = root.approve ? policy(root.approve) : ''
  const rollback = root.rollback
    ? scalar(root.rollback, z.enum(registries.runbooks as [string, ...string[]]), 'rollback')
    : null
  const hold = calls(root.hold, registries.gates, 'gate').map(toGateCall)
  const steps = items(root.steps, 'steps').map(step)
  if (!steps.length) complain(root.steps ?? document.contents, 'steps: expected at least one step')
  checkIds()
  checkFacts()
  if (mistakes.length) throw new RunbookError(mistakes)
  const loaded = {
    name: name ?? '',
    title: title ?? '',
    hold,
    rollback: rollback ?? null,
    steps: steps.map((one) => one.step),
  }
  return { ...loaded, digest: digest(loaded as unknown as Json) }

  function step(node: unknown): { step: Step; node: unknown } {
    const parts = fields(node, stepKeys, 'a step')
    const own = parts.approve ? policy(parts.approve) : approve
    if (!own)
      complain(node, `approve: expected one of ${registries.policies.join(', ')}, here or for the whole runbook`)
    return {
      node,
      step: {
        id: scalar(parts.id, id, 'id', node) ?? '',
        title: scalar(parts.title, z.string().min(1), 'title', node) ?? '',
        think: calls(parts.think, registries.gates, 'gate').map(toGateCall),
        do: calls(parts.do, registries.actions, 'action').map(
          ({ name, args, undone }): ActionCall => ({ action: name, args, ...(undone.length && { undone }) }),
        ),
        check: calls(parts.check, registries.gates, 'gate').map(toGateCall),
        approve: own ?? '',
        attempts: parts.attempts ? (scalar(parts.attempts, z.int().min(1).max(20), 'attempts') ?? 3) : 3,
        skip: parts.skip
          ? (scalar(parts.skip, z.enum(registries.roles as [string, ...string[]]), 'skip') ?? null)
          : null,
        undo: parts.undo ? (scalar(parts.undo, z.enum(['none', 'inverse']), 'undo') ?? 'inverse') : 'inverse',
      },
    }
  }

  function fields(node: unknown, allowed: readonly string[], what: string): Record<string, unknown> {
    if (!isMap(node)) {
      complain(node, `expected ${what} with the keys ${allowed.join(', ')}`)
      return {}
    }
    const found: Record<string, unknown> = {}
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : ''
      if (allowed.includes(key)) found[key] = pair.value
      else complain(pair.key, `${key}: ${what} has no such key; allowed are ${allowed.join(', ')}`)
    }
    return found
  }

  function items(node: unknown, what: string): readonly unknown[] {
    if (node === undefined || (isScalar(node) && node.value === null)) return []
    if (isSeq(node)) return node.items
    complain(node, `${what}: expected a list`)
    return []
  }

  function scalar<T>(node: unknown, schema: z.ZodType<T>, key: string, parent?: unknown): T | undefined {
    const value = isScalar(node) ? node.value : undefined
    const read = schema.safeParse(value)
    if (read.success) return read.data
    complain(
      node ?? parent,
      `${key}: read ${value === undefined ? 'nothing' : JSON.stringify(value)}; ${read.error.issues[0]?.message ?? 'not allowed'}`,
    )
    return undefined
  }

  /** One policy, or several of which the first counts that migration.yaml has. */
  function policy(node: unknown): string | undefined {
    if (!isSeq(node)) return scalar(node, z.enum(registries.policies as [string, ...string[]]), 'approve')
    const names = node.items.map((item) => (isScalar(item) ? String(item.value) : ''))
    const found = names.find((one) => registries.policies.includes(one))
    if (found === undefined)
      complain(
        node,
        `approve: read ${JSON.stringify(names)}; none of them is a policy of migration.yaml, which has ${registries.policies.join(', ')}`,
      )
    return found
  }

  function calls(node: unknown, registry: ReadonlyMap<string, Callable>, kind: 'gate' | 'action'): readonly Call[] {
    return items(node, `a list of ${kind}s`).flatMap((item) => call(item, registry, kind) ?? [])
  }

  function call(item: unknown, registry: ReadonlyMap<string, Callable>, kind: 'gate' | 'action'): Call | undefined {
    const pair = isMap(item) && item.items.length === 1 ? item.items[0] : undefined
    const key = isScalar(item) ? item.value : isScalar(pair?.key) ? pair.key.value : undefined
    const found = registry.get(String(key))
    if (!found)
      return void complain(
        item,
        `${String(key ?? 'this')} is not ${kind === 'gate' ? 'a gate' : 'an action'}; known are ${[...registry.keys()].sort().join(', ')}`,
      )
    const value = isMap(pair?.value) ? pair.value.toJSON() : {}
    if (pair && !isMap(pair.value) && !(isScalar(pair.value) && pair.value.value === null))
      complain(pair.value, `${found.name}: expected its arguments as { name: value }`)
    const engine =
      kind === 'gate'
        ? engineArgs.safeParse(value)
        : { success: true as const, data: { for: 0, within: 0, warn: false } }
    if (!engine.success) return void complain(item, `${found.name}: ${issue(engine.error)}`)
    const own =
      kind === 'gate'
        ? Object.fromEntries(Object.entries(value).filter(([name]) => !(name in engineArgs.shape)))
        : value
    const args = found.args.safeParse(own)
    if (!args.success) return void complain(item, `${found.name}: ${issue(args.error)}`)
    // As written: what people read, and what is pinned; it is read by the same schema again when it is used.
    const undone = (found.undone?.(args.data as never) ?? []).map((gate) => ({ ...gate, forMs: 0, warn: false }))
    return { name: found.name, args: own as Json, engine: engine.data, undone, callable: found }
  }

  function checkIds() {
    for (const [i, one] of steps.entries())
      if (steps.findIndex((other) => other.step.id === one.step.id) !== i)
        complain(one.node, `id: ${one.step.id} stands twice`)
  }

  function checkFacts() {
    const given = new Set<FactName>()
    for (const { step, node } of steps) {
      const phase = (names: readonly { name: string; registry: ReadonlyMap<string, Callable> }[]) => {
        const callables = names.flatMap(({ name, registry }) => registry.get(name) ?? [])
        for (const callable of callables) for (const fact of callable.gives ?? []) given.add(fact)
        for (const callable of callables)
          for (const fact of callable.needs ?? [])
            if (!given.has(fact))
              complain(node, `${step.id}: ${callable.name} needs the fact ${fact}, which nothing before it gives`)
      }
      phase(step.think.map((call) => ({ name: call.gate, registry: registries.gates })))
      phase(step.do.map((call) => ({ name: call.action, registry: registries.actions })))
      phase(step.check.map((call) => ({ name: call.gate, registry: registries.gates })))
    }
  }
}

interface Call {
  readonly name: string
  readonly args: Json
  readonly engine: z.infer<typeof engineArgs>
  readonly undone: readonly GateCall[]
  readonly callable: Callable
}

const toGateCall = ({ name, args, engine }: Call): GateCall => ({
  gate: name,
  args,
  forMs: engine.for,
  withinMs: engine.within,
  warn: engine.warn,
})

const issue = (error: z.ZodError) => error.issues.map((one) => [...one.path, one.message].join(': ')).join('; ')
