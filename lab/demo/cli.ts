import { Command, InvalidArgumentError, Option } from 'commander'
import { cacheFolder } from '../cache.js'
import { clearFolder } from '../folder.js'
import { type Lab, upLab } from '../index.js'
import { releases } from '../kafka/versions.js'
import type { LabProcess } from '../processes.js'
import { labMark } from '../strays.js'
import type { KafkaVersion } from '../types.js'
import { startBot, writeEnvironment } from './bot.js'
import { lineOf, makeRun, measureFloors, type RunResult } from './runs.js'

const versions = Object.keys(releases)
const program = new Command('script/demo')
  .description(
    'The whole main job on this machine: two Kafka clusters, MirrorMaker 2, a shop, Slack’s stand-in, and the bot',
  )
  .option('--approve-all', 'click every Approve as people who may; then roll back, and cut over again', false)
  .addOption(
    new Option('--runbook <name>', 'the order of the cut-over')
      .choices(['cutover', 'cutover-mirror-last'])
      .default('cutover'),
  )
  .addOption(new Option('--source <version>', 'Kafka of the source').choices(versions).default('3.9'))
  .addOption(new Option('--target <version>', 'Kafka of the target').choices(versions).default('4'))
  .addOption(new Option('--brokers <count>', 'brokers a side').choices(['1', '3']).default('1'))
  .addOption(
    new Option('--kubernetes <kind>', 'the API that the pods live in')
      .choices(['embedded', 'real'])
      .default('embedded'),
  )
  .option(
    '--rate <orders>',
    'orders a second',
    (text) => (Number(text) > 0 && Number(text) <= 1000 ? Number(text) : fail('It is a number from above 0 to 1000.')),
    20,
  )
  .option('--folder <folder>', 'where the lab lives: empty or new', cacheFolder(process.env, 'demo'))
  .parse()

const options = program.opts<{
  approveAll: boolean
  runbook: string
  source: KafkaVersion
  target: KafkaVersion
  brokers: '1' | '3'
  kubernetes: 'embedded' | 'real'
  rate: number
  folder: string
}>()
const begun = performance.now()
const progress = (text: string) =>
  console.log(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${text}`)
process.env[labMark] = options.folder

let lab: Lab | undefined
let bot: LabProcess | undefined
let ending: Promise<void> | undefined
const end = () => {
  ending ??= (async () => {
    progress('stopping everything')
    await bot?.stop()
    await lab?.stop()
  })()
  return ending
}
// Before the lab is whole there is nothing to stop one by one: the kernel ends its processes with this one.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void (lab ? end() : Promise.resolve()).then(() => process.exit(130)))

try {
  clearFolder(options.folder)
  lab = await upLab({ ...options, brokers: options.brokers === '3' ? 3 : 1 }, progress, (slack) =>
    progress(`Slack's page: ${slack.page}`),
  )
  bot = await startBot(lab.description)
  progress('the bot listens')
  if (options.approveAll) await all(lab)
  else {
    const environment = await writeEnvironment(lab.description)
    console.log(`
Open ${lab.description.slack.page}, be Alice, and type: /migrate ${options.runbook}
Bob approves (who asked never counts). Ctrl-C ends everything.
The same words in another terminal: (set -a; . ${environment}; npx floodgate --context bob@source status)
`)
    await new Promise(() => setInterval(() => {}, 3_600_000))
  }
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  await end()
}
process.exit()

/** There, back, and there again; fails unless the ledger agrees with each. */
async function all({ description }: Lab): Promise<void> {
  const cutover = options.runbook === 'cutover' ? 'cutover' : `cutover ${options.runbook}`
  const runs: RunResult[] = []
  for (const command of [cutover, 'rollback', cutover]) {
    const run = await makeRun(description, command, progress)
    runs.push({ ...run, name: command.split(' ').at(-1)! })
    progress(`${command}: lost ${run.lost}, duplicated ${run.duplicated}`)
    if (run.lost || run.duplicated || run.stepsPassed !== run.steps) process.exitCode = 1
  }
  const floors = await measureFloors(description, options.runbook, progress)
  console.log('')
  for (const run of runs) console.log(lineOf(run, run.name === 'rollback' ? floors.rollbackMs : floors.cutoverMs))
}

function fail(message: string): never {
  throw new InvalidArgumentError(message)
}
