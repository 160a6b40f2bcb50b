import { Redis } from 'ioredis'

/** An acknowledgement: the broker (for `outside`: the valve's file) has taken the order from this app. */
export interface Ack {
  readonly number: number
  readonly app: string
  readonly side: string
  readonly atMs: number
}

/** One processing of one order by one group. Written each time it happens, also the second time. */
export interface Processing {
  readonly number: number
  readonly group: string
  readonly side: string
  readonly atMs: number
  readonly topic: string
  readonly partition: number
  readonly offset: string
}

/** Two books that only grow, without any unique key: what happens twice stands there twice. */
export interface Ledger {
  /** Takes `count` numbers that nobody else gets, and returns the first. */
  takeNumbers(count: number): Promise<number>
  recordAcks(acks: readonly Ack[]): Promise<void>
  recordProcessings(processings: readonly Processing[]): Promise<void>
  /** Everything from this line on, in the order of writing. */
  acksFrom(line: number): Promise<Ack[]>
  processingsFrom(line: number): Promise<Processing[]>
  countProcessings(): Promise<number>
  close(): Promise<void>
}

const acksKey = 'ledger:acks'
const processingsKey = 'ledger:processings'
const numbersKey = 'ledger:numbers'

export function connectLedger(url: string): Ledger {
  // Without retries of single commands: a repeated RPUSH whose answer was lost would count as a duplicate that never was.
  const redis = new Redis(url, { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false })
  redis.on('error', () => {}) // each command reports its own failure

  const append = async (key: string, lines: readonly unknown[]) => {
    if (lines.length > 0) await redis.rpush(key, ...lines.map((line) => JSON.stringify(line)))
  }
  const from = async <T>(key: string, line: number): Promise<T[]> =>
    (await redis.lrange(key, line, -1)).map((text) => JSON.parse(text) as T)

  return {
    takeNumbers: async (count) => (await redis.incrby(numbersKey, count)) - count + 1,
    recordAcks: (acks) => append(acksKey, acks),
    recordProcessings: (processings) => append(processingsKey, processings),
    acksFrom: (line) => from<Ack>(acksKey, line),
    processingsFrom: (line) => from<Processing>(processingsKey, line),
    countProcessings: () => redis.llen(processingsKey),
    close: async () => {
      await redis.quit().catch(() => redis.disconnect())
    },
  }
}
