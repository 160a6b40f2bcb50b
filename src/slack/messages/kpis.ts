import type { GroupKpis, Kpis, TopicKpis } from '../../run/live.js'
import { count, named } from './say.js'

/** `*billing*: lag 1,204 offsets, 12 s behind, reads 43/s, ok` */
export function groupLine({ group, records, seconds, outPerSecond, state }: GroupKpis): string {
  return [
    `*${named(group)}*: lag ${count(records, 'offset')}`,
    ...(seconds === null ? [] : [`${rounded(seconds)} s behind`]),
    ...(outPerSecond === null ? [] : [`reads ${rate(outPerSecond)}`]),
    named(state),
  ].join(', ')
}

/** `*orders*: 43/s in, 120,344 offsets, 12.1 MB` */
export function topicLine({ topic, inPerSecond, records, bytes }: TopicKpis): string {
  return [
    `*${named(topic)}*: ${inPerSecond === null ? 'rate not known yet' : `${rate(inPerSecond)} in`}`,
    count(records, 'offset'),
    ...(bytes === null ? [] : [size(bytes)]),
  ].join(', ')
}

/** Where one group stands, partition by partition, most lag first: `orders-3: committed 120, log end 131, lag 11` */
export function partitionLines(kpis: Kpis, { committed }: GroupKpis): readonly string[] {
  const ends = new Map(kpis.topics.map((one) => [one.topic, one.ends]))
  return Object.entries(committed)
    .flatMap(([topic, offsets]) =>
      (ends.get(topic) ?? []).flatMap((end, partition) => {
        if (end === null) return []
        const at = offsets[partition] ?? null
        return [{ name: `${topic}-${partition}`, at, end, lag: at === null ? null : Number(end) - Number(at) }]
      }),
    )
    .sort((a, b) => (b.lag ?? Number.POSITIVE_INFINITY) - (a.lag ?? Number.POSITIVE_INFINITY))
    .map(
      ({ name, at, end, lag }) =>
        `${named(name)}: ${at === null ? 'never committed' : `committed ${at}`}, log end ${end}${lag === null ? '' : `, lag ${Math.max(0, lag).toLocaleString('en')}`}`,
    )
}

const rate = (perSecond: number) => `${rounded(perSecond)}/s`
const rounded = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toFixed(1)))

function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return `${rounded(bytes / 1000 ** power)} ${units[power]}`
}
