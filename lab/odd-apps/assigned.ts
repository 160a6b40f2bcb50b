import { readFile } from 'node:fs/promises'
import { type Jars, java } from '../kafka/java.js'
import { startProcess } from '../processes.js'
import { logLine } from '../readiness.js'
import type { Part } from '../types.js'

const coordinated = /groupId=(console-consumer-\d+)\] Discovered group coordinator/

/**
 * Java's console consumer on one partition by `assign()`: its group has no member, and it commits every 200 ms all the same. It
 * takes no group of ours together with a partition, so it says which one it has taken.
 */
export async function assigned(
  lab: { readonly folder: string; readonly jars: Jars; readonly bootstrap: readonly string[] },
  topic: string,
): Promise<Part & { readonly group: string }> {
  const settings = { 'enable.auto.commit': 'true', 'auto.commit.interval.ms': '200' }
  const consumer = await startProcess(
    java({
      name: `assigned-${topic}`,
      folder: lab.folder,
      jars: lab.jars,
      main: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
      heapMiB: 64,
      arguments: [
        ...['--bootstrap-server', lab.bootstrap.join(',')],
        ...['--topic', topic, '--partition', '0', '--offset', 'earliest'],
        ...Object.entries(settings).flatMap(([key, value]) => ['--consumer-property', `${key}=${value}`]),
      ],
      ready: logLine(coordinated),
      stopWithinMs: 5_000,
    }),
  )
  const group = coordinated.exec(await readFile(consumer.log, 'utf8'))?.[1] ?? ''
  return { group, stop: () => consumer.stop() }
}
