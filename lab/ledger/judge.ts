import { mustReach, type Origin } from '../shop/estate.js'
import type { Ack, Ledger, Processing } from './index.js'

/** What the two books say, counted exactly. An order is expected once at every group that its origin must reach, from the moment it was acked. */
export interface Judgement {
  /** Orders acked, and processings written. */
  readonly acked: number
  readonly processed: number
  /** (order, group) pairs that were never processed. While orders are on their way this counts them too: settle first. */
  readonly lost: number
  /** Processings beyond the first of a (order, group) pair. */
  readonly duplicated: number
  /** Processed orders that nobody was told were taken: a producer killed between the broker's ack and the ledger. */
  readonly unknown: number
  /** The longest that any order waited from its ack to its processing by the last of its groups, among those processed since the window began. */
  readonly worstAgeMs: number
  /** Upstream apps that changed sides in the window: last ack on the one to first ack on the other, the longest first. */
  readonly producersDown: readonly Down[]
  /** The longest of them; absent when no app changed sides. */
  readonly producersDownMs?: number
  readonly examples: { readonly lost: readonly Example[]; readonly duplicated: readonly Example[] }
}

export interface Down {
  readonly app: string
  readonly from: string
  readonly to: string
  readonly ms: number
}

export interface Example {
  readonly number: number
  readonly group: string
  readonly at: readonly { side: string; topic: string; partition: number; offset: string }[]
}

/** What was acked until its end is expected, whenever that began; ages and downtimes count from its beginning on. */
export interface Window {
  readonly fromMs: number
  readonly untilMs: number
}

const always: Window = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER }
const examplesShown = 10

export function judge(ledger: Ledger, window: Window = always): Promise<Judgement> {
  return createJudge(ledger)(window)
}

/** A judge that is asked again and again and reads only what was written since. */
export function createJudge(ledger: Ledger): (window: Window) => Promise<Judgement> {
  const acks: Ack[] = []
  const processings: Processing[] = []
  return async (window) => {
    // Processings first: an order processed while the books are read is then at worst not yet counted as processed, never unknown.
    for (const each of await ledger.processingsFrom(processings.length)) processings.push(each)
    for (const each of await ledger.acksFrom(acks.length)) acks.push(each)
    return judged(acks, processings, window)
  }
}

/** Pure: the judgement of two given books. */
export function judged(acks: readonly Ack[], processings: readonly Processing[], window: Window = always): Judgement {
  const orders = acks.filter((ack) => isOrigin(ack.app) && ack.atMs <= window.untilMs)
  const ackedEver = new Set(acks.map((ack) => ack.number))
  const byPair = new Map<string, Processing[]>()
  for (const each of processings) {
    const pair = `${each.number} ${each.group}`
    byPair.set(pair, [...(byPair.get(pair) ?? []), each])
  }

  const lost = orders.flatMap((ack) =>
    mustReach[ack.app as Origin]
      .filter((group) => !byPair.has(`${ack.number} ${group}`))
      .map((group): Example => ({ number: ack.number, group, at: [] })),
  )
  const repeated = [...byPair.values()].filter((each) => each.length > 1)
  const ages = orders.flatMap((ack) =>
    mustReach[ack.app as Origin].flatMap((group) => {
      const first = byPair.get(`${ack.number} ${group}`)?.[0]
      return first && first.atMs >= window.fromMs ? [first.atMs - ack.atMs] : []
    }),
  )
  const producersDown = downs(acks, window)
  const longest = producersDown[0]?.ms

  return {
    acked: orders.length,
    processed: processings.length,
    lost: lost.length,
    duplicated: repeated.reduce((sum, each) => sum + each.length - 1, 0),
    unknown: new Set(processings.filter((each) => !ackedEver.has(each.number)).map((each) => each.number)).size,
    worstAgeMs: ages.reduce((worst, age) => Math.max(worst, age), 0),
    producersDown,
    ...(longest === undefined ? {} : { producersDownMs: longest }),
    examples: { lost: lost.slice(0, examplesShown), duplicated: repeated.slice(0, examplesShown).map(exampleOf) },
  }
}

function isOrigin(app: string): app is Origin {
  return Object.hasOwn(mustReach, app)
}

function exampleOf(processings: readonly Processing[]): Example {
  const { number, group } = processings[0]!
  return {
    number,
    group,
    at: processings.map(({ side, topic, partition, offset }) => ({ side, topic, partition, offset })),
  }
}

/**
 * Several replicas of an app count as one: the app is down when none of them is acked. Its last ack on the old side may lie
 * before the window, since whoever lives of the valve falls silent with it.
 */
function downs(acks: readonly Ack[], window: Window): Down[] {
  const inOrder = acks
    .filter((ack) => ack.side !== 'outside' && ack.app !== 'history' && ack.atMs <= window.untilMs)
    .sort((a, b) => a.atMs - b.atMs)
  const last = new Map<string, Ack>()
  const found: Down[] = []
  for (const ack of inOrder) {
    const before = last.get(ack.app)
    if (before && before.side !== ack.side && ack.atMs >= window.fromMs)
      found.push({ app: ack.app, from: before.side, to: ack.side, ms: ack.atMs - before.atMs })
    last.set(ack.app, ack)
  }
  return found.sort((a, b) => b.ms - a.ms)
}
