import Table from 'cli-table3'
import type { Row } from './row.js'

/** The rows for a person at a terminal. */
export function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: ['suite', 'what', 'unit', 'ours', 'peer', 'ratio', 'goal', 'runs'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'left', 'right', 'left', 'right', 'left', 'right'],
  })
  for (const row of rows) {
    const peer = row.peer === null ? '' : `${row.peer} (${row.peerName})`
    table.push([row.suite, row.name, row.unit, row.ours, peer, row.ratio ?? '', goalOf(row), row.runs])
  }
  return table.toString()
}

export const isMissed = (row: Row): boolean => bounds(row).some(({ bound, found }) => found === null || found > bound)

function goalOf(row: Row): string {
  return bounds(row)
    .map(({ bound, found, of }) => `${of}at most ${bound}: ${found === null || found > bound ? 'MISSED' : 'met'}`)
    .join('; ')
}

/** What the row promises; a ratio without a peer is a promise that was not kept. */
function bounds({ goal, ours, ratioGoal, ratio }: Row) {
  return [
    ...(goal === null ? [] : [{ of: '', bound: goal, found: ours }]),
    ...(ratioGoal === null ? [] : [{ of: 'ratio ', bound: ratioGoal, found: ratio }]),
  ]
}
