/** The shop's process: `node dist/lab/shop/app.js ROLE`. Prints `ready` when it works; on SIGTERM finishes what is in hand and exits 0. */
import { Kafka, logLevel } from 'kafkajs'
import { connectLedger } from '../ledger/index.js'
import { book } from './roles/book.js'
import { pass } from './roles/pass.js'
import { produce } from './roles/produce.js'
import { settingFrom } from './setting.js'

const setting = settingFrom(process.argv[2], process.env)
const { app } = setting
const ledger = connectLedger(setting.ledgerUrl)
const kafka = new Kafka({
  clientId: app.name,
  brokers: setting.bootstrap,
  logLevel: logLevel.NOTHING, // it calls every retry an error; what ends the process is printed below
  retry: { initialRetryTime: 100, maxRetryTime: 1_000 },
})
const role = app.reads.length === 0 ? produce : app.writes.length === 0 ? book : pass

let stopping = false
const stopAsked = new Promise<void>((resolve) => {
  process.on('SIGTERM', () => {
    stopping = true
    resolve()
  })
})

try {
  const running = await role(kafka, ledger, setting)
  if (!stopping) console.log('ready')
  await Promise.race([running.ended, stopAsked])
  await running.stop()
  await ledger.close()
  console.log('stopped')
  process.exit(0)
} catch (error) {
  console.error(`${app.name} on the ${setting.side} broke and ends, to be started again from its last position:`, error)
  process.exit(1)
}
