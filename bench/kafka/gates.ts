import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Measured } from '../row.js'
import type { Bench } from '../suites/index.js'
import { printed, times } from './clock.js'
import { type BenchCluster, commitAll, writeAll } from './estate.js'
import type { Scene } from './expected.js'
import type { Estate } from './looked-at.js'
import { aclsOf, stoppedMirror } from './mirrored.js'
import { compactedOf, type Size, topicsOf } from './size.js'

/** One look, plan or round of doing, as looks.js prints it. */
interface Line {
  readonly name: string
  readonly kind: 'gate' | 'phase' | 'plan' | 'done'
  readonly verdict?: string
  readonly looks?: number
  readonly seconds: number
  readonly blockedMs?: number
  readonly requests: number
  readonly eventBytes?: number
  readonly evidenceBytes?: number
}

/** A gate that has not answered by then is an error (jobs/look.ts); changes go on, ten at once, for as long as there are any. */
const lookSeconds = 20
const mostEventBytes = 1024
const longer = { name: 'retention.ms', value: '2592000000' }
/** The protocol's number of a topic among what has configs. */
const topicResource = 2

/**
 * Every gate of the shipped runbooks that reads Kafka, and the plans of the actions that change it, on an estate that is on both sides. What a
 * gate says is compared with what it must say. `source` holds the topics, each partition `written` records, and the groups.
 */
export async function measureGates(
  folder: string,
  source: BenchCluster,
  target: BenchCluster,
  size: Size,
  written: number,
  { runs, progress }: Bench,
): Promise<Measured[]> {
  const program = fileURLToPath(new URL('looks.js', import.meta.url))
  const notes = join(folder, 'looks')
  await mkdir(notes, { recursive: true })
  const mirror = await stoppedMirror(join(folder, 'connect'), source, target, size, progress)
  const kafka = { source: source.client(), target: target.client() }
  const estate: Estate = {
    size,
    bootstrap: { source: source.bootstrap, target: target.bootstrap },
    connect: mirror.url,
  }
  const lines: { line: Line; scene: Scene }[] = []
  const mebibytes: number[] = []
  const run = async (scene: Scene, what: 'look' | 'do') => {
    await printed(process.execPath, [program, JSON.stringify(estate), scene, what, notes], process.env, (text) => {
      const line = JSON.parse(text) as Line | { readonly mebibytes: number }
      if ('mebibytes' in line) return void mebibytes.push(line.mebibytes)
      lines.push({ line, scene })
      progress(say(scene, line))
    })
  }
  const look = (scene: Scene) => times(runs, () => run(scene, 'look'))
  try {
    const acls = aclsOf(size)
    for (let from = 0; from < acls.length; from += 500) await kafka.source.addAcls(acls.slice(from, from + 500))
    await commitAll(kafka.source, size, BigInt(written))
    await look('bare')
    await run('bare', 'do')

    await writeAll(target, size, written)
    await mirror.standsAt(BigInt(written))
    await keepLonger(source, size)
    await look('unready')
    await run('unready', 'do')
    await look('well')

    await Promise.all([writeAll(source, size, 1, 'one'), writeAll(target, size, 1, 'another')])
    await Promise.all([
      commitAll(kafka.source, size, BigInt(written - 1)),
      commitAll(kafka.target, size, BigInt(written + 1)),
    ])
    await look('wrong')
  } finally {
    await Promise.all([kafka.source.close(), kafka.target.close()])
    await mirror.stop()
  }
  return rowsOf(lines, mebibytes)
}

/** Every topic of the source at once; the admin of the bench's client takes all other overrides away, so they are named again. */
async function keepLonger({ app }: BenchCluster, size: Size): Promise<void> {
  const admin = app.admin()
  await admin.connect()
  const compacted = new Set(compactedOf(size))
  await admin.alterConfigs({
    validateOnly: false,
    resources: topicsOf(size).map((topic) => ({
      type: topicResource,
      name: topic,
      configEntries: [longer, ...(compacted.has(topic) ? [{ name: 'cleanup.policy', value: 'compact' }] : [])],
    })),
  })
  await admin.disconnect()
}

function say(scene: Scene, line: Line): string {
  const { name, kind, seconds, verdict, looks = 1, requests } = line
  const found = [
    ...(verdict ? [verdict] : []),
    ...(looks > 1 ? [`the longest of ${looks} looks`] : []),
    `${requests} requests`,
    ...(line.eventBytes ? [`event ${line.eventBytes} bytes`] : []),
    ...(line.blockedMs ? [`kept all else waiting ${Math.round(line.blockedMs)} ms`] : []),
  ]
  return `${scene}, ${kind} ${name}: ${seconds.toFixed(3)} s, ${found.join(', ')}`
}

function rowsOf(lines: readonly { line: Line; scene: Scene }[], mebibytes: readonly number[]): Measured[] {
  const named = new Map<string, Line[]>()
  for (const { line, scene } of lines) {
    const name = `${line.kind} ${line.name}, ${scene}`
    named.set(name, [...(named.get(name) ?? []), line])
  }
  const most = (kind: Line['kind'], figure: 'eventBytes' | 'evidenceBytes' | 'blockedMs' | 'requests') =>
    lines.reduce((worst, { line }) => (line.kind === kind ? Math.max(worst, line[figure] ?? 0) : worst), 0)
  const one = (name: string, unit: string, value: number): Measured => ({ name, unit, ours: [value] })
  return [
    ...[...named].map(
      ([name, of]): Measured => ({
        name,
        unit: 's',
        ours: of.map((line) => line.seconds),
        ...(of[0]?.kind === 'done' ? {} : { goal: lookSeconds }),
      }),
    ),
    { ...one('gates: the largest event of one', 'bytes', most('gate', 'eventBytes')), goal: mostEventBytes },
    one('plans: the largest event of a change', 'bytes', most('plan', 'eventBytes')),
    one('gates: the most that one remembers between looks', 'KiB', most('gate', 'evidenceBytes') / 1024),
    one('gates: the longest that one keeps all else waiting', 'ms', most('gate', 'blockedMs')),
    one('gates: the most requests of one look', 'requests', most('gate', 'requests')),
    { name: 'gates: memory of a process that looks with all of them', unit: 'MiB', ours: mebibytes, goal: 1024 },
  ]
}
