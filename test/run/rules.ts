import { verify } from '../../src/log/chain.js'
import type { At, Entry, Event } from '../../src/run/events.js'

/** What a step has been through, as the log alone tells it. */
interface Trail {
  attempt: number
  nonce: string
  digest: string
  until: number
  /** Of the question for which others were called. */
  escalated: string
  planned: Set<string>
  approvers: Set<string>
  acting: boolean
  claims: Map<string, number>
  done: Set<string>
  /** Over all attempts. */
  begun: Set<string>
}

interface Chapter {
  readonly started: Extract<Event, { type: 'run-started' }>
  readonly by: string
  over: boolean
  stopped: boolean
  held: boolean
  readonly trails: Map<string, Trail>
}

/**
 * The rules of a run, read from its log by somebody who knows neither `decide` nor `apply`. Each break is a sentence; none
 * is what every test of this folder wants. `inRole` says who was in the role when the log was at a version.
 */
export function brokenRules(
  entries: readonly Entry[],
  inRole: (person: string, version: number) => boolean,
): readonly string[] {
  const broken: string[] = []
  const chained = verify(entries)
  if (chained) broken.push(chained.why)
  let chapter: Chapter | null = null
  for (const entry of entries) {
    const { event } = entry
    const fail = (why: string) => broken.push(`${entry.version} ${event.type}: ${why}`)
    if (event.type === 'run-started') {
      if (chapter && !chapter.over) fail(`${chapter.started.run} is still open`)
      chapter = {
        started: event,
        by: authorOf(entry),
        over: false,
        stopped: false,
        held: false,
        trails: new Map(),
      }
    } else if (chapter && 'run' in event) follow(chapter, entry, inRole, fail)
  }
  return broken
}

function follow(
  chapter: Chapter,
  entry: Entry,
  inRole: (person: string, version: number) => boolean,
  fail: (why: string) => void,
): void {
  const { event, at } = entry
  const trail = 'step' in event && event.type !== 'fact-recorded' ? trailOf(chapter, event) : null
  if (chapter.over) fail('the run is over')
  switch (event.type) {
    case 'run-aborted':
      chapter.stopped = true
      return
    case 'run-resumed':
    case 'rollback-begun':
      if (event.type === 'rollback-begun') wayBack(chapter, event.undo, fail)
      chapter.stopped = false
      chapter.held = false
      return
    case 'run-held':
      chapter.held = true
      return
    case 'run-released':
      chapter.held = false
      return
    case 'run-finished':
      if (chapter.stopped) fail('a stopped run is not finished by anybody')
      chapter.over = true
      return
    case 'run-closed':
      chapter.over = true
      return
    case 'step-thinking':
      if (chapter.stopped) fail('nothing begins in a stopped run')
      Object.assign(trail!, { attempt: event.attempt, acting: false, nonce: '', planned: new Set() })
      trail!.approvers.clear()
      return
    case 'step-planned':
      Object.assign(trail!, {
        nonce: event.nonce,
        digest: event.digest,
        until: event.until,
        acting: false,
        planned: new Set(),
        done: new Set(),
      })
      trail!.approvers.clear()
      return
    case 'effect-planned':
      trail!.planned.add(event.effect.id)
      return
    case 'approvals-fell':
      if (trail!.acting) fail('approvals fall before anything is done, never after')
      trail!.nonce = ''
      trail!.approvers.clear()
      return
    case 'escalated':
      if (event.nonce !== trail!.nonce || trail!.acting) fail('this is not what was asked')
      if (trail!.escalated === event.nonce) fail('nobody is called twice for the same question')
      if (chapter.stopped) fail('the run is stopped')
      trail!.escalated = event.nonce
      return
    case 'approved':
      approved(chapter, trail!, entry, inRole, fail)
      return
    case 'step-acting':
      acting(chapter, trail!, entry, inRole, fail)
      return
    case 'effects-claimed':
      if (!trail!.acting) fail('the step does not act')
      if (chapter.stopped || chapter.held) fail('the run is stopped or held')
      for (const effect of event.effects) {
        if (!trail!.planned.has(effect)) fail(`${effect} is not in the plan that was approved`)
        if (trail!.done.has(effect)) fail(`${effect} is done already`)
        if (at < (trail!.claims.get(effect) ?? 0)) fail(`${effect} is in somebody's hands`)
        trail!.claims.set(effect, event.until)
        trail!.begun.add(effect)
      }
      return
    case 'effect-done':
      if (!trail!.begun.has(event.effect)) fail(`${event.effect} was done without a claim`)
      if (trail!.done.has(event.effect)) fail(`${event.effect} is done twice`)
      trail!.done.add(event.effect)
      trail!.claims.delete(event.effect)
      return
    case 'effect-continued':
      if (!trail!.claims.has(event.effect)) fail(`${event.effect} goes on without a claim`)
      trail!.claims.delete(event.effect)
      return
    case 'effect-failed':
      trail!.claims.delete(event.effect)
      return
    case 'step-checking':
      if (!trail!.acting) fail('a step is checked when it has acted, and a failed one waits for a person')
      if ([...trail!.planned].some((effect) => !trail!.done.has(effect))) fail('not all of the plan is done')
      return
    case 'step-passed':
      if (chapter.stopped) fail('nothing passes in a stopped run')
      return
    case 'step-failed':
      trail!.acting = false
      return
  }
}

function approved(
  chapter: Chapter,
  trail: Trail,
  entry: Entry,
  inRole: (person: string, version: number) => boolean,
  fail: (why: string) => void,
): void {
  const event = entry.event as Extract<Event, { type: 'approved' }>
  const person = authorOf(entry)
  const policy = policyOf(chapter, event.step)
  if (event.attempt !== trail.attempt || event.nonce !== trail.nonce || event.digest !== trail.digest)
    fail('this is not what was asked')
  if (entry.at >= trail.until) fail('it has expired')
  if (chapter.stopped) fail('the run is stopped')
  if (!inRole(person, entry.version)) fail(`${person} is not in the role`)
  if (person === chapter.by && !policy.self) fail(`${person} asked for the run`)
  if (trail.approvers.has(person)) fail(`${person} is counted twice`)
  trail.approvers.add(person)
}

function acting(
  chapter: Chapter,
  trail: Trail,
  entry: Entry,
  inRole: (person: string, version: number) => boolean,
  fail: (why: string) => void,
): void {
  const event = entry.event as Extract<Event, { type: 'step-acting' }>
  if (event.attempt !== trail.attempt) fail('another attempt')
  if (chapter.stopped) fail('the run is stopped')
  if (event.gates.some((look) => !look.warn && look.verdict !== 'passed')) fail('a gate has not passed')
  trail.acting = true
  if (!trail.planned.size) return
  const policy = policyOf(chapter, event.step)
  if (trail.approvers.size < policy.approvals) fail(`${trail.approvers.size} of ${policy.approvals} have approved`)
  for (const person of trail.approvers)
    if (!inRole(person, entry.version)) fail(`${person} is not in the role any more`)
}

/** Before the pivot rolling back inverts all that was begun; from it on the effects are not inverted. */
function wayBack(chapter: Chapter, undo: readonly string[], fail: (why: string) => void): void {
  for (const [id, trail] of chapter.trails) {
    if (!trail.begun.size) continue
    if (stepOf(chapter, id)?.undo === 'none') fail(`${id} is the pivot and was begun`)
    if (!undo.includes(id)) fail(`${id} was begun and is not undone`)
  }
}

function trailOf(chapter: Chapter, { step, attempt }: At): Trail {
  const known = chapter.trails.get(step)
  if (known) return known
  const trail: Trail = {
    attempt,
    nonce: '',
    digest: '',
    until: 0,
    escalated: '',
    planned: new Set(),
    approvers: new Set(),
    acting: false,
    claims: new Map(),
    done: new Set(),
    begun: new Set(),
  }
  chapter.trails.set(step, trail)
  return trail
}

const stepOf = ({ started }: Chapter, id: string) =>
  started.runbook.steps.find((step) => step.id === id.replace(/^undo-/, ''))
const policyOf = (chapter: Chapter, step: string) =>
  chapter.started.migration.policies[stepOf(chapter, step)?.approve ?? '']!
const authorOf = ({ by }: Entry): string => (by.kind === 'person' ? by.id : by.kind)
