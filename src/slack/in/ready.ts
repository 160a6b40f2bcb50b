import { differenceTable, type Ready, readyLine, readyText } from '../../run/ready.js'
import type { Web } from '../announce/web.js'
import { section } from '../messages/blocks.js'
import { gateLines } from '../messages/gates.js'
import { clipped, escaped, listed, named } from '../messages/say.js'
import type { Reply } from './command.js'
import { paperAnswer } from './paper.js'

const rowsShown = 20
const mostLines = 8
const longestTable = 2700

/** Each gate that does not hold in a line, what stops first, and the names of the others; then what differs, as a table. What does not fit is put into the channel as a file. */
export async function readyAnswer(web: Pick<Web, 'share'>, channel: string, ready: Ready): Promise<Reply> {
  const head = `Measured now, nothing is changed: ${readyLine(ready)}.`
  const table = differenceTable(ready, rowsShown).map((row) => escaped(row).replaceAll('`', "'"))
  const fits = table.join('\n').length <= longestTable
  const open = ready.looks.filter(({ verdict }) => verdict !== 'passed')
  const holding = ready.looks.filter(({ verdict }) => verdict === 'passed').map(({ gate }) => named(gate))
  const lines = [
    ...(open.length > 0 ? [gateLines(open, mostLines)] : []),
    ...(holding.length > 0 ? [`*Hold:* ${listed(holding, 40)}`] : []),
  ].join('\n')
  const text = clipped([head, lines, ...table].join('\n'), 2900)
  const blocks = [
    section(`*${head}*`),
    section(lines, 2900),
    ...(table.length > 0 && fits ? [section(`\`\`\`\n${table.join('\n')}\n\`\`\``, 2900)] : []),
  ]
  const rows = ready.looks.reduce((sum, { differing }) => sum + differing, 0)
  if (fits && rows <= rowsShown) return { text, blocks }
  const whole = await paperAnswer(
    web,
    channel,
    { name: 'ready.txt', text: `${readyText(ready)}\n` },
    { title: `What ${escaped(ready.runbook)} sees now`, command: 'floodgate ready' },
  )
  return { text, blocks: [...blocks, section(whole.text)] }
}
