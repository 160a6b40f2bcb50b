import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars } from '../../lab/kafka/artefacts.js'
import { waitFor } from '../../lab/readiness.js'
import type { LabDescription } from '../../lab/types.js'

/** The tools of the pack that this machine does not have. */
export function missingTools(): readonly string[] {
  const folders = (process.env.PATH ?? '').split(':')
  return ['kubectl', 'curl', 'java'].filter((tool) => !folders.some((folder) => existsSync(join(folder, tool))))
}

/** Somebody at a terminal who has the pack, the field's own tools, and nothing of Floodgate. */
export async function createHands({ folder, kubernetes }: LabDescription, say: (text: string) => void) {
  const desk = await mkdtemp(join(folder, 'by-hand-'))
  const jars = await kafkaJars('3.9', say)
  const tools: Readonly<Record<string, string>> = {
    'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
    'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  }

  /** One command as it stands in the pack; throws with what it printed when it fails. */
  async function run(command: string): Promise<string> {
    const [tool = '', ...args] = command.split(' ')
    const main = tools[tool]
    const [file, given] = main
      ? ['java', ['-Xmx96m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${jars}/*`, main, ...args]]
      : [tool, tool === 'curl' ? ['--fail-with-body', ...args] : args]
    const env = { ...process.env, KUBECONFIG: kubernetes.kubeconfig }
    const { stdout } = await promisify(execFile)(file, given, { cwd: desk, env, timeout: 60_000 })
    return stdout
  }

  /** Does the same again until what it prints shows what the pack says to wait for. */
  async function until(command: string, seen: (printed: string) => boolean): Promise<string> {
    let printed = ''
    const found = await waitFor(
      async () => {
        printed = await run(command)
        return seen(printed) ? printed : undefined
      },
      180_000,
      500,
    )
    if (found === undefined) throw new Error(`${command}: not so within 180 s. ${printed}`)
    return found
  }

  async function follow({ why, commands }: Step): Promise<void> {
    say(`by hand: ${why.slice(0, 120)}`)
    if (why.includes('the same answer twice')) await untilTheSameTwice(commands)
    else for (const command of commands) await follows(command, why, commands)
    const files = /\((waterline-.*)\)/.exec(why)?.[1]
    if (files) await writeWaterlines(files)
  }

  /** What a person sees ten seconds apart: no lag, and log ends that have not moved since they were asked for last. */
  async function untilTheSameTwice(commands: readonly string[]): Promise<void> {
    let before = ''
    const found = await waitFor(
      async () => {
        const last = before
        before = ''
        for (const command of commands) before += logEnds(await until(command, hasNoLag))
        return before === last || undefined
      },
      180_000,
      500,
    )
    if (!found) throw new Error(`Log ends still move after 180 s. ${before}`)
  }

  const ends = new Map<string, string[]>()

  async function follows(command: string, why: string, commands: readonly string[]): Promise<void> {
    if (command.endsWith('/status')) await until(command, isState(why.includes('RUNNING') ? 'RUNNING' : 'STOPPED'))
    else if (command.endsWith('get pods')) await until(command, arePods(why.includes('no pod is left'), commands))
    else if (command.includes('--describe')) await until(command, hasNoLag)
    else {
      const printed = await run(command)
      if (/curl -sS http\S+\/offsets$/.test(command)) await writeFile(join(desk, 'valve-offsets.json'), printed)
      for (const [, topic = '', partition, offset] of printed.matchAll(/^([^:\s]+):(\d+):(\d+)$/gm))
        ends.set(topic, [...(ends.get(topic) ?? []), `${topic},${partition},${offset}`])
    }
  }

  /** `waterline-billing.csv: orders stock; waterline-…` */
  async function writeWaterlines(files: string): Promise<void> {
    for (const file of files.split('; ')) {
      const [name = '', topics = ''] = file.split(': ')
      await writeFile(
        join(desk, name),
        topics
          .split(' ')
          .flatMap((topic) => ends.get(topic) ?? [])
          .join('\n'),
      )
    }
    ends.clear()
  }

  return {
    /** Saves the pack's files, and takes the way of that title from its top to its end. */
    async take(pack: string, way: 'WAY ON' | 'WAY BACK'): Promise<void> {
      for (const { name, content } of filesIn(pack)) await writeFile(join(desk, name), content)
      for (const step of stepsIn(pack, way)) await follow(step)
    },
    read: (name: string) => readFile(join(desk, name), 'utf8'),
  }
}

interface Step {
  readonly why: string
  readonly commands: readonly string[]
}

function stepsIn(pack: string, way: 'WAY ON' | 'WAY BACK'): readonly Step[] {
  const [, section = ''] = new RegExp(`^${way}: [^\\n]*\\n(.*?)\\n\\n`, 'ms').exec(pack) ?? []
  const steps: { why: string; commands: string[] }[] = []
  for (const line of section.split('\n')) {
    const command = /^ {4}(.*)$/.exec(line)?.[1]
    if (command) steps.at(-1)?.commands.push(command)
    else steps.push({ why: line, commands: [] })
  }
  return steps
}

function filesIn(pack: string): readonly { readonly name: string; readonly content: string }[] {
  const [, ...files] = pack.slice(pack.indexOf('\nFILES\n')).split('\n--- ')
  return files.slice(0, -1).map((file) => {
    const [name = '', ...lines] = file.split('\n')
    return { name, content: lines.join('\n') }
  })
}

const isState = (state: string) => (printed: string) => {
  const { connector, tasks } = JSON.parse(printed) as { connector: { state: string }; tasks: { state: string }[] }
  return (
    connector.state === state &&
    (state === 'STOPPED' ? tasks.length === 0 : tasks.every((task) => task.state === state))
  )
}

/** Of the workloads that this step scales. */
const arePods = (gone: boolean, commands: readonly string[]) => (printed: string) =>
  commands.every((command) => {
    const [, app = '', replicas = ''] = /scale deployment\/(\S+) --replicas=(\d+)/.exec(command) ?? []
    if (!app) return true
    const pods = printed.split('\n').filter((line) => new RegExp(`^${app}-[a-z0-9]+-[a-z0-9]+ `).test(line))
    return gone ? pods.length === 0 : pods.length === Number(replicas) && pods.every((line) => /\s1\/1\s/.test(line))
  })

/** Of the table that describes a group: topic, partition, log end, lag. */
const rowsOf = (printed: string) =>
  printed.split('\n').flatMap((line) => {
    const [, topic = '', partition = '', , end = '', lag = ''] = line.trim().split(/\s+/)
    return /^\d+$/.test(lag) ? [{ topic, partition, end, lag: Number(lag) }] : []
  })

/** Every line of the table names a lag, and it is no more than the mark at the end of a transaction. */
const hasNoLag = (printed: string): boolean =>
  rowsOf(printed).length > 0 && rowsOf(printed).every(({ lag }) => lag <= 1)

const logEnds = (printed: string): string =>
  rowsOf(printed)
    .map(({ topic, partition, end }) => `${topic}-${partition}: ${end}`)
    .sort()
    .join('\n')
