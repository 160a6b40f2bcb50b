import { randomBytes } from 'node:crypto'
import { auditPartition } from '../../src/gates/reading/audit.js'
import type { Measured } from '../row.js'
import type { Bench } from '../suites/index.js'
import { printed, times } from './clock.js'
import { type BenchCluster, createTopics } from './estate.js'

const topic = 'audit'
const records = 200_000
/** Below what a broker takes at once. */
const batch = 2000

/** What the audit of a partition costs, beside reading the same records of both sides and throwing them away; in seconds of a core. */
export async function measureAudit(
  source: BenchCluster,
  target: BenchCluster,
  { runs, progress }: Bench,
): Promise<Measured[]> {
  for (const cluster of [source, target]) await createTopics(cluster, [topic], 1)
  await write([source, target])
  const kafka = { source: source.client(), target: target.client() }
  const all = { from: '0', to: String(records) }
  const plan = { topic, partition: 0, source: all, target: all, position: all.to, isTimed: true, orphans: [] }
  const pace = { bytesPerSecond: Number.POSITIVE_INFINITY, now: () => performance.now() }
  const ours = async () => {
    const before = process.cpuUsage()
    const found = await auditPartition({ kafka }, { ...plan, isolation: 'read_committed' }, pace)
    const { user, system } = process.cpuUsage(before)
    if (found.records.target !== records || found.differing > 0)
      throw new Error('both sides are equal, and were not found to be')
    return (user + system) / 1e6
  }
  const kcat = async () => {
    const read = (cluster: BenchCluster) =>
      `kcat -C -q -e -o beginning -b ${cluster.bootstrap.join(',')} -t ${topic} >/dev/null`
    const command = `TIMEFORMAT='%U %S'; { time { ${read(source)}; ${read(target)}; } ; } 2>&1`
    const [user = 0, system = 0] = (await printed('bash', ['-c', command])).trim().split(' ').map(Number)
    return user + system
  }
  const lines = await printed('bash', [
    '-c',
    `kcat -C -q -e -o beginning -b ${source.bootstrap.join(',')} -t ${topic} | wc -l`,
  ])
  if (Number(lines) !== records) throw new Error(`kcat read ${lines.trim()} records where there are ${records}`)
  const found = await times(runs, async () => ({ ours: await ours(), kcat: await kcat() }))
  await Promise.all([kafka.source.close(), kafka.target.close()])
  progress(`audit: ${found.map((one) => `${one.ours.toFixed(3)} s (peer ${one.kcat.toFixed(3)} s)`).join(', ')}`)
  return [
    {
      name: `audit of 2 x ${records.toLocaleString('en')} records`,
      unit: 's of a core',
      ours: found.map((one) => one.ours),
      peer: { name: 'kcat to /dev/null', values: found.map((one) => one.kcat) },
      ratioGoal: 4,
    },
  ]
}

async function write(clusters: readonly BenchCluster[]): Promise<void> {
  const producers = clusters.map((cluster) => cluster.app.producer())
  for (const producer of producers) await producer.connect()
  const now = Date.now() - records
  for (let from = 0; from < records; from += batch) {
    const messages = Array.from({ length: batch }, (_, i) => ({
      partition: 0,
      key: `key-${from + i}`,
      value: randomBytes(150).toString('base64'),
      headers: { trace: `${from + i}` },
      timestamp: String(now + from + i),
    }))
    for (const producer of producers) await producer.send({ topic, messages })
  }
  for (const producer of producers) await producer.disconnect()
}
