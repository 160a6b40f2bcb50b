import { appendFile } from 'node:fs/promises'
import type { Ledger } from '../ledger/index.js'
import { lineOf, type Order } from './order.js'

const tickMs = 250

/** The world before the valve: one writer that appends lines to the valve's file. A line in the file counts as acked, for nobody can take it back. */
export interface OutsideWorld {
  pause(): Promise<void>
  resume(): void
  stop(): Promise<void>
}

export function startOutsideWorld(ledger: Ledger, world: { file: string; rate: number }): OutsideWorld {
  let owed = 0
  let before = Date.now()
  let inHand: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const append = async (count: number) => {
    const first = await ledger.takeNumbers(count)
    const bornAtMs = Date.now()
    const orders = Array.from({ length: count }, (_, i): Order => ({ number: first + i, origin: 'outside', bornAtMs }))
    await appendFile(world.file, orders.map((order) => `${lineOf(order)}\n`).join(''))
    const atMs = Date.now()
    await ledger.recordAcks(orders.map(({ number }) => ({ number, app: 'outside', side: 'outside', atMs })))
  }
  const tick = () => {
    const now = Date.now()
    owed = Math.min(owed + ((now - before) / 1000) * world.rate, 2 * world.rate)
    before = now
    const count = Math.floor(owed)
    owed -= count
    if (count > 0) inHand = inHand.then(() => append(count))
  }
  const pause = async () => {
    clearInterval(timer)
    timer = undefined
    await inHand
  }
  const resume = () => {
    before = Date.now()
    timer ??= setInterval(tick, tickMs)
  }

  resume()
  return { pause, resume, stop: pause }
}
