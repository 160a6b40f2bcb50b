import type { Verdict } from '../runbook/language.js'
import type { GateLook } from './events.js'

/** One thing that is not the same on both sides; `stays`: why no runbook mends it. */
export interface Differing {
  readonly what: string
  readonly source: string
  readonly target: string
  readonly stays?: string | undefined
}

/** What the think gates of a runbook see now, all of its steps at once. */
export interface Ready {
  readonly runbook: string
  readonly at: number
  readonly looks: readonly (GateLook & {
    readonly step: string
    /** How many differences there are; `differences` may hold fewer. */
    readonly differing: number
    readonly differences: readonly Differing[]
  })[]
}

/** `11 of 12 hold; 1 is mended by the runbook itself` */
export function readyLine({ looks, runbook }: Ready): string {
  const holding = looks.filter(({ verdict }) => verdict === 'passed').length
  const mended = looks.filter(({ verdict, warn }) => verdict !== 'passed' && warn).length
  const stopping = looks.length - holding - mended
  return [
    `${holding} of ${looks.length} hold`,
    ...(mended > 0 ? [`${mended} would not stop ${runbook}`] : []),
    ...(stopping > 0 ? [`${stopping} would`] : []),
  ].join('; ')
}

/** The differences of all looks as one table; rows are cut to what fits a screen. */
export function differenceTable({ looks }: Ready, most: number): readonly string[] {
  const all = looks.flatMap(({ differences }) => differences)
  const total = looks.reduce((sum, { differing }) => sum + differing, 0)
  if (all.length === 0) return []
  const shown = all.slice(0, most)
  const rows = [
    { what: 'what', source: 'source', target: 'target' },
    ...shown.map((one) => ({ ...one, what: one.stays ? `${one.what} *` : one.what })),
  ]
  const width = (key: 'what' | 'source') => Math.min(48, Math.max(...rows.map((row) => row[key].length)))
  const [what, source] = [width('what'), width('source')]
  const why = [...new Set(shown.flatMap(({ stays }) => stays ?? []))]
  return [
    ...rows.map((row) => `${row.what.padEnd(what)}  ${row.source.padEnd(source)}  ${row.target}`.slice(0, 150)),
    ...(total > shown.length ? [`and ${total - shown.length} more`] : []),
    ...(why.length > 0 ? [`* no runbook changes it: ${why.join('; ')}`] : []),
  ]
}

const marks: Record<Verdict, string> = { passed: 'holds', failed: 'FAILS', inconclusive: 'open', error: 'ERROR' }

/** All of it as plain text. */
export function readyText(ready: Ready): string {
  const wide = Math.max(0, ...ready.looks.map(({ gate }) => Math.min(32, gate.length)))
  const table = differenceTable(ready, Number.POSITIVE_INFINITY)
  return [
    `${readyLine(ready)}, at ${new Date(ready.at).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    ...ready.looks.map(
      ({ verdict, warn, gate, text }) =>
        `${(verdict !== 'passed' && warn ? 'warns' : marks[verdict]).padEnd(6)} ${gate.slice(0, 32).padEnd(wide)}  ${text}`,
    ),
    ...(table.length > 0 ? ['', ...table] : []),
  ].join('\n')
}
