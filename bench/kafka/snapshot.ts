import { createKafka } from '../../src/connect/kafka/kafka.js'
import { lagSnapshot } from './look.js'
import { groupsOf, type Size } from './size.js'

/**
 * A process that takes one lag snapshot after the other, as the bot's sampler does, and ends: what a cold start and so many partitions
 * cost. Usage: snapshot.js BOOTSTRAP TIMES TOPICS PARTITIONS GROUPS; prints the lag and the most memory that it had, in MiB.
 */
const [bootstrap = '', times = '1', topics, partitions, groups] = process.argv.slice(2)
const size: Size = { topics: Number(topics), partitions: Number(partitions), groups: Number(groups) }
const kafka = createKafka({ bootstrap: [bootstrap], clientId: 'floodgate-bench' })
let lag = 0
for (let i = 0; i < Number(times); i++) lag = await lagSnapshot(kafka, groupsOf(size))
await kafka.close()
console.log(JSON.stringify({ lag, mebibytes: process.resourceUsage().maxRSS / 1024 }))
