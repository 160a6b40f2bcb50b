import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { cacheFolder } from './cache.js'
import { LabError } from './errors.js'
import { processNotes, readDescription } from './folder.js'
import { logFileOf } from './logs.js'
import { statusTable } from './status.js'
import { lines, startSupervised, stopSupervised, supervise } from './supervisor.js'
import type { KafkaVersion, LabOptions } from './types.js'

const versions: readonly KafkaVersion[] = ['2.4', '2.8', '3.9', '4']
const folderOption = () =>
  new Option('--folder <folder>', 'where the lab lives: empty or new')
    .default(cacheFolder(process.env, 'lab'))
    .argParser(resolvedFolder)
const program = new Command('script/lab').description('The whole estate on one machine, to try Floodgate on')

program
  .command('up')
  .description('start the lab and return when it is ready')
  .addOption(new Option('--source <version>', 'Kafka of the source').choices(versions).default('3.9'))
  .addOption(new Option('--target <version>', 'Kafka of the target').choices(versions).default('4'))
  .addOption(new Option('--brokers <count>', 'brokers a side').choices(['1', '3']).default('1'))
  .addOption(
    new Option('--kubernetes <kind>', 'the API that the pods live in')
      .choices(['embedded', 'real'])
      .default('embedded'),
  )
  .option('--rate <orders>', 'orders a second', positive, 20)
  .addOption(folderOption())
  .action(
    async (given: {
      source: string
      target: string
      brokers: string
      kubernetes: string
      rate: number
      folder: string
    }) => {
      const options: LabOptions = {
        folder: given.folder,
        source: given.source as KafkaVersion,
        target: given.target as KafkaVersion,
        brokers: given.brokers === '3' ? 3 : 1,
        kubernetes: given.kubernetes as LabOptions['kubernetes'],
        rate: given.rate,
      }
      const from = performance.now()
      const seconds = () => `${((performance.now() - from) / 1000).toFixed(1).padStart(5)} s`
      const say = (text: string) => console.log(`${seconds()}  ${text}`)
      // A first start has long steps: silence would look like the end of it.
      const stillHere = setInterval(() => say('still at it'), 10_000)
      await startSupervised(options, fileURLToPath(import.meta.url), (text) => {
        stillHere.refresh()
        say(text)
      }).finally(() => clearInterval(stillHere))
      say(`The lab is ready in ${options.folder}`)
      console.log(`Slack's page: ${readDescription(options.folder)?.slack.page}`)
    },
  )

program
  .command('down')
  .description('stop the lab and look that nothing is left of it')
  .addOption(folderOption())
  .action(async ({ folder }: { folder: string }) => {
    const strays = await stopSupervised(folder, console.log)
    if (strays.length > 0) console.log(`These did not end by themselves and were killed:\n${lines(strays)}`)
    console.log('The lab is down; nothing of it runs any more.')
  })

program
  .command('status')
  .description('what runs, where, and how it is')
  .addOption(folderOption())
  .action(async ({ folder }: { folder: string }) => {
    if (processNotes(folder).length === 0) throw notUp(folder)
    console.log(await statusTable(folder, readDescription(folder)))
  })

program
  .command('logs <name>')
  .description("a part's or a pod's log; the names are those of `status`, or an app's")
  .option('-f, --follow', 'go on until Ctrl-C')
  .addOption(folderOption())
  .action((name: string, { follow, folder }: { follow?: true; folder: string }) => {
    if (!existsSync(join(folder, 'logs'))) throw notUp(folder)
    const file = logFileOf(folder, name)
    spawn('tail', ['-n', '200', ...(follow ? ['-F'] : []), file], { stdio: 'inherit' })
  })

program.command('supervise <options>', { hidden: true }).action((options: string) => supervise(JSON.parse(options)))

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof LabError)) throw error
  console.error(error.message)
  process.exitCode = 1
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It is a number above 0.')
  return value
}

function resolvedFolder(text: string): string {
  return resolve(text)
}

function notUp(folder: string): LabError {
  return new LabError('not-up', `No lab is up in ${folder}: start one with script/lab up --folder ${folder}`)
}
