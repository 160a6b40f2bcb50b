import { constants, setPriority } from 'node:os'
import { Redis } from 'ioredis'
import { bytesPerSecond } from '../../src/auditing.js'
import { createKafka } from '../../src/connect/kafka/kafka.js'
import { auditPartition, type PartitionAudit, type PartitionPlan } from '../../src/gates/reading/audit.js'
import { workAudits } from '../../src/jobs/audit.js'

// One replica as the bot runs it, at the bot's own rate, and nothing else: `auditor.js REDIS PREFIX SOURCE TARGET`.
// In an estate it shares no processor with brokers and producers: here it takes what they leave.
setPriority(constants.priority.PRIORITY_LOW)
const [redis = '', prefix = '', source = '', target = ''] = process.argv.slice(2)
const client = (bootstrap: string) => createKafka({ bootstrap: bootstrap.split(','), clientId: 'floodgate-bench' })
const kafka = { source: client(source), target: client(target) }
const worker = workAudits<PartitionPlan, PartitionAudit, object>(
  () => new Redis(redis, { maxRetriesPerRequest: null }),
  prefix,
  {
    one: (plan) => auditPartition({ kafka }, plan, { bytesPerSecond, now: () => performance.now() }),
    done: async (found, failed, _about, id) => {
      const records = found.reduce((sum, one) => sum + one.records.source + one.records.target, 0)
      const differing = found.reduce((sum, one) => sum + one.differing, 0)
      process.send?.({ id, records, differing, failed })
    },
  },
  (error) => {
    throw error
  },
)
process.once('disconnect', async () => {
  await worker.stop()
  process.exit(0)
})
process.send?.('ready')
