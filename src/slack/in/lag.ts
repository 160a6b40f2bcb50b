import type { KnownBlock } from '@slack/types'
import type { Kpis } from '../../run/live.js'
import type { Drawing } from '../announce/pictures.js'
import type { Web } from '../announce/web.js'
import { context, section } from '../messages/blocks.js'
import { groupLine, partitionLines, topicLine } from '../messages/kpis.js'
import type { GraphRequest } from '../messages/message.js'
import { bullets, clock, count, escaped, listed, named } from '../messages/say.js'
import type { Reply } from './command.js'

export interface LagDeps {
  /** Newest figures of the active side; null before the first sample. */
  readonly kpis: () => Promise<Kpis | null>
  readonly drawing: Drawing
  readonly web: Pick<Web, 'upload' | 'ready'>
}

const mostGroups = 30
const mostTopics = 15
const backMs = 900_000
const readyTries = 10

/**
 * How far behind each group is, most first, what its topics hold and get, and a picture of the last quarter of an hour; for one group alone
 * also where it stands on each partition.
 */
export async function lagAnswer(deps: LagDeps, group: string | null): Promise<Reply> {
  const kpis = await deps.kpis()
  if (!kpis) return { text: 'No sample of the lag has been taken yet. Try again in a few seconds.' }
  const groups = kpis.groups.filter((one) => !group || one.group === group).sort((a, b) => b.records - a.records)
  if (groups.length === 0)
    return {
      text: `There is no group ${escaped(group ?? '')}. Known: ${listed(
        kpis.groups.map((one) => named(one.group)),
        20,
      )}.`,
    }
  const total = groups.reduce((sum, one) => sum + one.records, 0)
  const text = `Lag of ${count(total, 'offset')} in ${count(groups.length, 'group')}, markers included, at ${clock(kpis.at)}, on the ${kpis.side}.`
  const read = new Set(groups.flatMap((one) => Object.keys(one.committed)))
  const topics = kpis.topics.filter((one) => !group || read.has(one.topic))
  const alone = group && groups[0] ? partitionLines(kpis, groups[0]) : []
  const graph: GraphRequest = {
    kind: 'lag',
    title: group ? `Lag of ${group}` : 'Lag by group',
    groups: groups.map((one) => one.group),
    from: kpis.at - backMs,
    until: kpis.at,
    marks: [],
  }
  return {
    text,
    blocks: [
      section(text),
      section(bullets(groups.map(groupLine), mostGroups)),
      ...(alone.length > 0 ? [section(bullets(alone))] : []),
      ...(topics.length > 0 ? [section(bullets(topics.map(topicLine), mostTopics))] : []),
      ...(await picture(deps, graph)),
      context(
        'Lag counts offsets: markers of transactions, aborted and compacted records too, so a group that has read all data may still show some. `/migrate lag GROUP` shows one group alone.',
      ),
    ],
  }
}

async function picture({ drawing, web }: LagDeps, graph: GraphRequest): Promise<readonly KnownBlock[]> {
  const png = await drawing.png(graph)
  const sent = png && (await web.upload(png, graph.title))
  if (sent?.is === 'ok' && (await becomesReady(web, sent.value)))
    return [
      {
        type: 'image',
        slack_file: { id: sent.value },
        title: { type: 'plain_text', text: graph.title },
        alt_text: `${graph.title}: lag in offsets, over time`,
      },
    ]
  const words = await drawing.words(graph)
  return words ? [section(words)] : []
}

async function becomesReady(web: LagDeps['web'], file: string): Promise<boolean> {
  for (let i = 0; i < readyTries; i++) {
    const ready = await web.ready(file)
    if (ready.is !== 'ok') return false
    if (ready.value) return true
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return false
}
