import type { Kafka } from 'kafkajs'
import type { Ledger, Processing } from '../../ledger/index.js'
import { positionsAfter } from '../gather.js'
import { orderIn } from '../order.js'
import type { Setting } from '../setting.js'
import { consume } from './consume.js'
import type { Running } from './running.js'

/** Downstream: each record is written to the ledger, then its position is committed. Killed in between, it does it again, and the ledger shows it twice. */
export function book(kafka: Kafka, ledger: Ledger, setting: Setting): Promise<Running> {
  const { app, side } = setting
  return consume(kafka, app, async (slices, commit) => {
    const atMs = Date.now()
    const processings: Processing[] = slices.flatMap(({ topic, partition, messages }) =>
      messages.map((message) => ({
        number: orderIn(message).number,
        group: app.name,
        side,
        atMs,
        topic,
        partition,
        offset: message.offset,
      })),
    )
    await ledger.recordProcessings(processings)
    await commit(positionsAfter(slices))
  })
}
