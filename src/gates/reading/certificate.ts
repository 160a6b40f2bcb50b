import type { Side } from '../../config/migration.js'
import type { Offsets } from '../../connect/kafka/types.js'
import { groupsOf } from '../../proof/consumption.js'
import { type Certificate, certificateFact, readFact } from '../../proof/facts.js'
import { fromJson, offsetOf, ofTopics } from '../../proof/offsets.js'
import { type Broken, type Doubt, sinceCertificate } from '../../proof/seal.js'
import { records } from '../../proof/tally.js'
import type { Look } from '../gate.js'
import type { Commits, Scans } from './clients.js'
import { count } from './say.js'
import { tallyRanges } from './tally.js'

export async function certificateOf(side: Side, { fact }: Look): Promise<Certificate | undefined> {
  return readFact(certificateFact, await fact('certificate'))?.[side]
}

/** Commits that are not those of the certificate. What moved forward over markers alone counts as unmoved. */
export async function movedCommits(
  kafka: Commits & Scans,
  { migration }: Look,
  certified: Certificate,
): Promise<string[]> {
  const groups = groupsOf(migration.apps)
  const ends = fromJson(certified.ends)
  const found = await kafka.committed(groups.map(({ group }) => group))
  const compared = groups.map(({ group, topics }) =>
    sinceCertificate(
      group,
      fromJson(certified.commits[group] ?? {}),
      ofTopics(found.get(group) ?? new Map(), topics),
      ends,
    ),
  )
  return judge(kafka, compared, ends, 'commit')
}

/** Log ends that are not those of the certificate, because data was written. */
export function grownEnds(kafka: Scans, certified: Certificate, ends: Offsets): Promise<string[]> {
  const before = fromJson(certified.ends)
  return judge(kafka, [sinceCertificate('log end', before, ends)], before, 'end')
}

async function judge(
  kafka: Scans,
  compared: readonly { doubts: Doubt[]; broken: Broken[] }[],
  certifiedEnds: Offsets,
  kind: 'commit' | 'end',
): Promise<string[]> {
  const doubts = compared.flatMap((one) => one.doubts)
  const tallies = await tallyRanges(kafka, doubts)
  const moved = doubts.flatMap((doubt, i) => {
    const inside = tallies[i] ? records(tallies[i]) : 0
    // Below the certified end a drained group had found no data record, so retention has taken none there.
    const drained = Number((offsetOf(certifiedEnds, doubt) ?? doubt.from) - doubt.from)
    const gone = (tallies[i]?.gone ?? 0) - Math.max(drained, 0)
    const lies = [
      ...(inside > 0 ? [`${inside} ${kind === 'end' ? 'new ' : ''}records`] : []),
      ...(gone > 0 ? [`${count(gone, 'offset')} that retention has taken since`] : []),
    ]
    return lies.length > 0
      ? [`${doubt.what} of ${doubt.topic}-${doubt.partition} ${doubt.from} to ${doubt.to} (${lies.join(', ')})`]
      : []
  })
  const broken = compared
    .flatMap((one) => one.broken)
    .map(
      ({ what, topic, partition, from, to }) => `${what} of ${topic}-${partition} ${from ?? 'none'} to ${to ?? 'none'}`,
    )
  return [...broken, ...moved]
}
