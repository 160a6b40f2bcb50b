import { sayDuration } from '../config/duration.js'
import type { Report, ReportedRange } from './report.js'

/** The report as Markdown, for a file that outlives the channel. */
export function reportMarkdown(report: Report): string {
  const { run, head, downtime, waterline, leftBehind, orphans, debt } = report
  const foretold = report.steps.some(({ expectedMs }) => expectedMs !== null)
  const left = Object.entries(leftBehind.recordsWhenRecorded)
  return `${[
    `# Report of ${run.id}: ${run.title}`,
    '',
    `${run.mode === 'rehearsal' ? 'A rehearsal: nothing was changed. ' : ''}Run ${run.id} of the migration ${run.migration} is ${run.rolledBack ? 'rolled back' : run.phase}. Asked for by ${run.requestedBy} at ${utc(run.startedAt)}${run.endedAt === null ? '' : `, ended at ${utc(run.endedAt)} after ${sayDuration(run.endedAt - run.startedAt)}`}. Producers run on the ${report.activeSide}.`,
    '',
    `Log version ${head.version}, head \`${head.hash}\`. Runbook ${run.runbook.name}, digest \`${run.runbook.digest}\`. Floodgate ${run.bot}.`,
    '',
    '## Steps',
    ...table(
      ['#', 'step', 'state', 'took', ...(foretold ? ['expected, by run'] : []), 'approved by'],
      report.steps.map((step, i) => [
        `${i + 1}`,
        step.title,
        run.mode === 'rehearsal' && step.phase === 'passed' ? 'rehearsed' : step.phase,
        duration(step.tookMs),
        ...(foretold ? [step.expectedMs === null ? '' : `${duration(step.expectedMs)}, ${step.expectedBy}`] : []),
        step.approvedBy.join(', '),
      ]),
    ),
    ...(report.until === null
      ? []
      : [
          `The window ended at ${utc(report.until)}${run.endedAt === null ? '' : run.endedAt <= report.until ? `, ${sayDuration(report.until - run.endedAt)} after the run` : `, ${sayDuration(run.endedAt - report.until)} before the run`}.`,
          '',
        ]),
    '## Approvals',
    ...(report.approvals.length ? report.approvals.flatMap(approval) : ['None.', '']),
    '## Downtime of the producers, by the log',
    ...(downtime
      ? [
          downtime.ms === null
            ? `Stopped at ${utc(downtime.stoppedAt)}; not proved to run again.`
            : `${(downtime.ms / 1000).toFixed(1)} s from the last stop (${utc(downtime.stoppedAt)}) until they were proved to run again (${utc(downtime.provedAt!)}).`,
          '',
          ...table(
            ['app', 'stopped on', 'at', 'started on', 'at'],
            downtime.apps.map((app) => [
              app.app,
              app.from,
              utc(app.stoppedAt),
              app.to ?? '',
              app.startedAt === null ? '' : utc(app.startedAt),
            ]),
          ),
        ]
      : ['No producer was stopped.', '']),
    '## Waterline: what the mirror brought',
    ...(waterline ? [`Recorded at ${utc(waterline.at)}.`, '', ...ranges(waterline.ranges)] : ['Not recorded.', '']),
    '## Left behind on the source, and processed there',
    left.length
      ? `When the waterline was recorded: ${left.map(([topic, records]) => `${topic} ${records}`).join(', ')} records.`
      : 'Nothing was counted when the waterline was recorded.',
    '',
    ...ranges(leftBehind.ranges),
    '## Orphans: only on the target',
    ...(orphans.length ? ranges(orphans) : ['None are named.', '']),
    '## Debt: born on the target',
    ...(debt.length ? ranges(debt) : ['None.', '']),
    '## Gates',
    ...table(
      ['step', 'phase', 'gate', 'verdict', 'what was seen', 'evidence'],
      report.gates.map((look) => [
        look.step,
        look.phase,
        look.gate,
        `${look.verdict}${look.warn ? ' (warns only)' : ''}`,
        look.text,
        look.evidence?.slice(0, 16) ?? '',
      ]),
    ),
    '## Timeline',
    ...table(
      ['version', 'at', 'by', 'what'],
      report.timeline.map((line) => [`${line.version}`, utc(line.at), line.by, line.text]),
    ),
  ].join('\n')}`
}

function approval({
  by,
  via,
  at,
  step,
  attempt,
  digest,
  plan,
  gates,
  confirmed,
}: Report['approvals'][number]): string[] {
  return [
    `**${cell(by)}** (by ${via === 'cli' ? 'the command line' : 'Slack'}) approved ${step}, attempt ${attempt}, at ${utc(at)}, on digest \`${digest}\`:`,
    '',
    ...plan.map((text) => `- would: ${cell(text)}`),
    '',
    'What was seen when it was asked:',
    '',
    ...gates.map(seen),
    '',
    ...(confirmed.length ? ['What was seen once more, before it acted:', '', ...confirmed.map(seen), ''] : []),
  ]
}

const seen = (look: Report['approvals'][number]['gates'][number]) =>
  `- ${look.gate}: ${look.verdict}: ${cell(look.text)}`

function ranges(some: readonly (ReportedRange & { readonly records?: number })[]): string[] {
  if (some.length === 0) return []
  const counted = some.some((range) => range.records !== undefined)
  return table(
    ['topic', 'partition', 'from', 'up to and without', ...(counted ? ['records'] : [])],
    some.map((range) => [
      range.topic,
      `${range.partition}`,
      range.from,
      range.to ?? 'the log end',
      ...(counted ? [`${range.records ?? ''}`] : []),
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), '']
}

const duration = (ms: number | null) => (ms === null ? '' : sayDuration(ms))
const cell = (text: string) => text.replace(/[\r\n]+/g, ' ').replaceAll('|', '\\|')
const utc = (at: number) => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
