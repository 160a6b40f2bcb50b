import { writeFile } from 'node:fs/promises'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { rowOf } from './row.js'
import { suites } from './suites/index.js'
import { isMissed, tableOf } from './table.js'

const program = new Command('script/bench')
  .description(
    `What was measured, beside its peer, as medians.\n${Object.entries(suites)
      .map(([name, { measures, parts = [] }]) => `  ${name}: ${measures}${parts.map((one) => `\n    ${one}`).join('')}`)
      .join('\n')}`,
  )
  .addArgument(new Argument('[suite]', 'only this one').choices(Object.keys(suites)))
  .argument('[part]', 'only this part of it')
  .option('--json <file>', 'write the rows there too')
  .option('--runs <count>', 'how often each is measured', whole, 5)
  .parse()
const { json, runs } = program.opts<{ json?: string; runs: number }>()
const [only, part] = program.args
if (part !== undefined && !suites[only!]?.parts?.includes(part)) program.error(`${only} has no part ${part}.`)

const begun = performance.now()
const progress = (text: string) =>
  console.error(`${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${text}`)

const rows = []
for (const [name, suite] of Object.entries(suites)) {
  if (only !== undefined && only !== name) continue
  rows.push(
    ...(await suite.run({ runs, progress, ...(part === undefined ? {} : { part }) })).map((measured) =>
      rowOf(name, measured),
    ),
  )
}
console.log(tableOf(rows))
if (json !== undefined) await writeFile(json, `${JSON.stringify(rows, null, 2)}\n`)
process.exit(rows.some(isMissed) ? 1 : 0)

function whole(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It is a whole number from 1 on.')
  return count
}
