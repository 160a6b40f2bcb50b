import { sayDuration } from '../../config/duration.js'
import type { Alert } from '../../run/state.js'
import type { Json } from '../../runbook/json.js'
import { actions, button, context, header, section } from './blocks.js'
import { alertGraph } from './graphs.js'
import type { Message } from './message.js'
import { clipped, clock, escaped, named, sentence } from './say.js'

/** One message for a cause: updated while it lasts, closed with a word when it is gone. */
export function alertMessage(alert: Alert, now: number): Message {
  const word = alert.severity === 'critical' ? 'Critical' : 'Warning'
  const key = `alert/${alert.id}`
  if (alert.closed) {
    const lasted = sayDuration(alert.closed.at - alert.raisedAt)
    return {
      key,
      text: `Over after ${lasted}: ${sentence(escaped(alert.title))}`,
      blocks: [
        header(`Over: ${alert.title}`),
        section(`${sentence(escaped(alert.closed.text))} It lasted ${lasted}, until ${clock(alert.closed.at)}.`),
        ...alertGraph(alert),
        context(small(alert, now)),
      ],
    }
  }
  const about = { cause: alert.cause }
  return {
    key,
    text: `${word} on the ${alert.side}: ${escaped(alert.title)}. ${sentence(clipped(escaped(alert.text), 800))}`,
    blocks: [
      header(`${word} on the ${alert.side}: ${alert.title}`),
      section(escaped(alert.text)),
      ...figures(alert.evidence),
      ...alertGraph(alert),
      context(small(alert, now)),
      actions(
        ...(alert.acknowledged
          ? []
          : [button('acknowledge', 'Acknowledge', `Say that you take care of: ${alert.title}`, about, 'primary')]),
        ...(alert.snoozedUntil > now
          ? []
          : [button('snooze', 'Snooze 1 h', `Keep quiet for an hour: ${alert.title}`, about)]),
      ),
    ].filter((block) => block.type !== 'actions' || block.elements.length > 0),
  }
}

function small(alert: Alert, now: number): string {
  return [
    `Since ${clock(alert.raisedAt)}`,
    ...(alert.acknowledged
      ? [`${named(alert.acknowledged.name)} takes care of it`]
      : alert.closed
        ? []
        : ['nobody takes care of it yet']),
    ...(alert.snoozedUntil > now && !alert.closed ? [`quiet until ${clock(alert.snoozedUntil)}`] : []),
    `cause ${named(alert.cause)}`,
  ].join(' · ')
}

/** Plain figures of the evidence, as far as they are names and numbers. */
function figures(evidence: Json | undefined) {
  if (evidence === null || typeof evidence !== 'object' || Array.isArray(evidence)) return []
  const lines = Object.entries(evidence)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, 8)
    .map(
      ([name, value]) =>
        `${named(name)}: ${clipped(escaped(typeof value === 'number' ? value.toLocaleString('en') : String(value)), 200)}`,
    )
  return lines.length ? [section(lines.join('\n'))] : []
}
