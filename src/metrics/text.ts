import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Kpis, OffsetList } from '../run/live.js'

/** What a scrape gets: the newest figures that any replica has taken, and how this process does. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
}

/** `kpis`: the newest; undefined before the first sample. Offsets beyond 2^53 lose their last digits, as all figures do in Prometheus. */
export function createMetrics(kpis: () => Promise<Kpis | undefined>): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const fill = gauges(registry)
  return {
    contentType: registry.contentType,
    async text() {
      fill(await kpis())
      return registry.metrics()
    },
  }
}

function gauges(registry: Registry): (kpis: Kpis | undefined) => void {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `floodgate_${name}`, help, labelNames: [...labelNames], registers: [registry] })
  const ofPartition = ['side', 'topic', 'partition'] as const
  const sampled = gauge('sample_timestamp_seconds', 'When the newest figures were taken.', ['side'])
  const end = gauge('topic_log_end_offset', 'Log end offset, read uncommitted.', ofPartition)
  const rateIn = gauge('topic_in_records_rate', 'Records written per second, over about 30 s.', ['side', 'topic'])
  const records = gauge('topic_records', 'Offsets from log start to log end.', ['side', 'topic'])
  const bytes = gauge('topic_size_bytes', 'Bytes on disk of one replica of each partition.', ['side', 'topic'])
  const committed = gauge('group_committed_offset', 'Committed offset.', ['side', 'group', 'topic', 'partition'])
  const lag = gauge('group_lag_records', 'Records between commit and log end.', ['side', 'group', 'topic'])
  const age = gauge('group_lag_seconds', 'How long ago the log end stood where the group stands now.', [
    'side',
    'group',
  ])
  const rateOut = gauge('group_out_records_rate', 'Records read per second, over about 30 s.', ['side', 'group'])
  const all = [sampled, end, rateIn, records, bytes, committed, lag, age, rateOut]

  return (kpis) => {
    // What is no longer there, or on the other side now, must not stand on with its last figure.
    for (const one of all) one.reset()
    if (!kpis) return
    const { side } = kpis
    sampled.set({ side }, kpis.at / 1000)
    const ends = new Map(kpis.topics.map((one) => [one.topic, one.ends]))
    for (const one of kpis.topics) {
      const { topic } = one
      each(one.ends, (partition, offset) => end.set({ side, topic, partition }, offset))
      records.set({ side, topic }, one.records)
      if (one.inPerSecond !== null) rateIn.set({ side, topic }, one.inPerSecond)
      if (one.bytes !== null) bytes.set({ side, topic }, one.bytes)
    }
    for (const one of kpis.groups) {
      const { group } = one
      if (one.seconds !== null) age.set({ side, group }, one.seconds)
      if (one.outPerSecond !== null) rateOut.set({ side, group }, one.outPerSecond)
      for (const [topic, offsets] of Object.entries(one.committed)) {
        let behind = 0
        each(offsets, (partition, offset) => {
          committed.set({ side, group, topic, partition }, offset)
          behind += Math.max(0, Number(ends.get(topic)?.[partition] ?? offset) - offset)
        })
        lag.set({ side, group, topic }, behind)
      }
    }
  }
}

function each(offsets: OffsetList, visit: (partition: number, offset: number) => void): void {
  offsets.forEach((offset, partition) => {
    if (offset !== null) visit(partition, Number(offset))
  })
}
