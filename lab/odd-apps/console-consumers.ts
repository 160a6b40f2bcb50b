import { readFile } from 'node:fs/promises'
import { type Jars, java } from '../kafka/java.js'
import { type LabProcess, startProcess } from '../processes.js'
import { logLine } from '../readiness.js'
import type { Part } from '../types.js'

interface At {
  readonly folder: string
  readonly jars: Jars
  readonly bootstrap: readonly string[]
}

const coordinated = /groupId=(\S+)\] Discovered group coordinator/

/**
 * Java's console consumer on one partition by `assign()`: its group has no member, and it commits every 200 ms all the same. It
 * takes no group of ours together with a partition, so it says which one it has taken.
 */
export async function assigned(lab: At, topic: string): Promise<Part & { readonly group: string }> {
  const consumer = await consoleConsumer(lab, `assigned-${topic}`, {}, [
    ...['--topic', topic, '--partition', '0', '--offset', 'earliest'],
  ])
  const group = coordinated.exec(await readFile(consumer.log, 'utf8'))?.[1] ?? ''
  return { group, stop: () => consumer.stop() }
}

/**
 * Java's console consumer by the group protocol of KIP-848 (Kafka 4.x), where classic requests call a live group dead; `of`: a
 * topic, or a pattern of them. Each value that it has processed is one word.
 */
export async function modern(
  lab: At,
  group: string,
  of: { readonly topic: string } | { readonly pattern: string },
): Promise<Part & { processed(): Promise<readonly string[]> }> {
  const which = 'topic' in of ? ['--topic', of.topic] : ['--include', of.pattern]
  const settings = { 'group.protocol': 'consumer', 'auto.offset.reset': 'earliest' }
  const consumer = await consoleConsumer(lab, `modern-${group}`, settings, ['--group', group, ...which])
  return {
    stop: () => consumer.stop(),
    async processed() {
      const lines = (await readFile(consumer.log, 'utf8')).split('\n')
      return lines.filter((line) => /^\w+$/.test(line))
    },
  }
}

function consoleConsumer(
  { bootstrap, ...lab }: At,
  name: string,
  settings: Readonly<Record<string, string>>,
  given: readonly string[],
): Promise<LabProcess> {
  const all = { 'enable.auto.commit': 'true', 'auto.commit.interval.ms': '200', ...settings }
  return startProcess(
    java({
      ...lab,
      name,
      main: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
      heapMiB: 64,
      arguments: [
        ...['--bootstrap-server', bootstrap.join(',')],
        ...given,
        ...Object.entries(all).flatMap(([key, value]) => ['--consumer-property', `${key}=${value}`]),
      ],
      ready: logLine(coordinated),
      stopWithinMs: 5_000,
    }),
  )
}
