import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { compareMirror } from '../../src/gates/reading/tails.js'
import type { Measured } from '../row.js'
import type { Bench } from '../suites/index.js'
import { seconds, times } from './clock.js'
import { type BenchCluster, createTopics } from './estate.js'

const run = promisify(execFile)
const topic = 'tails'
const partitions = 6
const records = 5000
const written = records + 200
const format = '%k %s %h %T\\n'

/** Both tails read and compared: by the gate's own comparison, and by the pipeline that teams use, one partition after the other. */
export async function measureTails(
  source: BenchCluster,
  target: BenchCluster,
  { runs, progress }: Bench,
): Promise<Measured[]> {
  await writeSame([source, target])
  const kafka = { source: source.client(), target: target.client() }
  const ends = await kafka.source.endOffsets([topic])
  const ours = () =>
    seconds(async () => {
      const what = { migration: { topics: [topic] }, wanted: records, positions: ends, orphans: undefined }
      const compared = await compareMirror({ kafka }, { ...what, isolation: 'read_uncommitted' })
      const equal = compared.filter(({ comparison }) => comparison.equal && comparison.compared === records)
      if (equal.length !== partitions) throw new Error('the tails are equal, and were not found to be')
    })
  const tail = (cluster: BenchCluster, partition: number) =>
    `kcat -C -q -e -b ${cluster.bootstrap.join(',')} -t ${topic} -p ${partition} -o -${records} -f '${format}' | base64`
  const pipeline = () =>
    seconds(async () => {
      for (let partition = 0; partition < partitions; partition++)
        await run('bash', ['-c', `diff <(${tail(source, partition)}) <(${tail(target, partition)})`])
    })
  // In turns, so that whatever else the machine does meets both alike.
  const found = await times(runs, async () => ({ ours: await ours(), pipeline: await pipeline() }))
  await Promise.all([kafka.source.close(), kafka.target.close()])
  progress(`tails: ${found.map((one) => `${one.ours.toFixed(3)} s (peer ${one.pipeline.toFixed(3)} s)`).join(', ')}`)
  return [
    {
      name: `tails of ${partitions} x ${records.toLocaleString('en')} records compared`,
      unit: 's',
      ours: found.map((one) => one.ours),
      peer: { name: 'kcat | base64 | diff', values: found.map((one) => one.pipeline) },
      ratioGoal: 1 / 5,
    },
  ]
}

async function writeSame(clusters: readonly BenchCluster[]): Promise<void> {
  const now = Date.now()
  const messages = Array.from({ length: partitions * written }, (_, i) => ({
    partition: i % partitions,
    key: `key-${i}`,
    value: randomBytes(150).toString('base64'),
    headers: { trace: `${i}`, origin: 'bench' },
    timestamp: String(now + i),
  }))
  for (const cluster of clusters) {
    await createTopics(cluster, [topic], partitions)
    const producer = cluster.app.producer()
    await producer.connect()
    for (let from = 0; from < messages.length; from += 5000)
      await producer.send({ topic, messages: messages.slice(from, from + 5000) })
    await producer.disconnect()
  }
}
