import type { LabState } from '../../lab/slack/types.js'
import { apply } from '../../src/run/apply.js'
import type { Entry } from '../../src/run/events.js'
import { currentStep, emptyState, nonceOf, type State } from '../../src/run/state.js'
import { messages } from '../../src/slack/messages/index.js'
import { brokenRules } from '../run/rules.js'

export interface Evidence {
  readonly state: State
  readonly entries: readonly Entry[]
  readonly now: number
  /** What the estate went through. */
  readonly performed: readonly string[]
  readonly slack: LabState
  /** By person: the questions on which a click was taken, with when. */
  readonly accepted: ReadonlyMap<string, ReadonlyMap<string, number>>
}

/** What a night must have come to, whatever struck it: each broken promise as a sentence. */
export function brokenPromises(evidence: Evidence, expected: readonly string[]): readonly string[] {
  return [
    ...brokenRules(evidence.entries, () => true),
    ...unfinished(evidence),
    ...effects(evidence, expected),
    ...approvals(evidence),
    ...channel(evidence),
  ]
}

const unfinished = ({ state }: Evidence) =>
  state.run?.phase.is === 'finished' ? [] : [`the run is ${state.run?.phase.is ?? 'not there'}`]

function effects({ performed }: Evidence, expected: readonly string[]): string[] {
  const done = [...performed].sort().join(' ')
  return done === [...expected].sort().join(' ') ? [] : [`done was ${performed.join(' ')}, not ${expected.join(' ')}`]
}

/** A click that was taken is in the log, and each person counts once for each question. */
function approvals({ entries, accepted }: Evidence): string[] {
  const recorded = entries.flatMap(({ event, by }) =>
    event.type === 'approved' && by.kind === 'person' ? [`${by.id} ${event.nonce}`] : [],
  )
  const taken = [...accepted].flatMap(([person, nonces]) =>
    [...nonces].filter((click) => wasAsked(entries, click)).map(([nonce]) => `${person} ${nonce}`),
  )
  return [
    ...taken.filter((one) => !recorded.includes(one)).map((one) => `an approval was lost: ${one}`),
    ...recorded.filter((one, i) => recorded.indexOf(one) !== i).map((one) => `an approval counts twice: ${one}`),
    ...entries.flatMap(({ event }) => (event.type === 'approvals-fell' ? [`approvals fell: ${event.why}`] : [])),
  ]
}

/** Whoever clicks on what is over is refused in private, and a Slack that says nothing does not bring that. */
function wasAsked(entries: readonly Entry[], [nonce, clickedAt]: readonly [string, number]): boolean {
  return [clickedAt, clickedAt + arrivesWithinMs].every((ms) => {
    const { run } = entries.filter(({ at }) => at <= ms).reduce(apply, emptyState)
    const step = run && currentStep(run)
    return step ? nonceOf(step) === nonce : false
  })
}

const arrivesWithinMs = 2500

/** Every message stands once, and says what the log says now. */
function channel({ state, now, slack }: Evidence): string[] {
  const posts = slack.channels.flatMap((one) => one.messages).filter(({ metadata }) => metadata !== undefined)
  const keyOf = ({ metadata }: (typeof posts)[number]) => String(metadata?.event_payload.key)
  return [...messages(state, null, null, now)].flatMap(([key, message]) => {
    const standing = posts.filter((post) => keyOf(post) === key)
    if (standing.length !== 1) return [`${key} stands ${standing.length} times`]
    return standing[0]!.text === message.text ? [] : [`${key} says "${standing[0]!.text}", not "${message.text}"`]
  })
}
