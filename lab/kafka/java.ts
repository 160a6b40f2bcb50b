import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessPlan } from '../processes.js'
import { classOptions } from './archives.js'

/** A version of Kafka as it lies on disk. */
export interface Jars {
  readonly folder: string
  /** While true, a JVM writes down its classes as it ends, for later ones to start from (classes.ts). */
  readonly recording: boolean
}

type JavaPlan = Omit<ProcessPlan, 'command' | 'args'> & {
  readonly jars: Jars
  readonly main: string
  readonly arguments: readonly string[]
  readonly heapMiB: number
}

/** A plan for a small JVM: a whole estate has to fit beside the tests that look at it. */
export function java({ jars, main, arguments: given, heapMiB, ...plan }: JavaPlan): ProcessPlan {
  const args = [
    ...javaOptions(plan.folder, heapMiB),
    ...classOptions(jars, main),
    '-cp',
    classPath(jars),
    main,
    ...given,
  ]
  return { ...plan, command: 'java', args, ...(jars.recording && { stopWithinMs: 120_000 }) }
}

export function classPath(jars: Jars): string {
  return `${jars.folder}/*`
}

export function javaOptions(folder: string, heapMiB: number): string[] {
  const { log4j1, log4j2 } = loggingFiles(folder)
  return [
    '-Xms32m',
    `-Xmx${heapMiB}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:MaxMetaspaceSize=160m',
    '-Xss512k',
    '-XX:ReservedCodeCacheSize=64m',
    '-Xshare:auto',
    '-XX:-UsePerfData',
    `-Dlog4j.configuration=file:${log4j1}`,
    `-Dlog4j2.configurationFile=${log4j2}`,
  ]
}

/** Kafka up to 3.9 logs by log4j 1 or its heir, 4.x by log4j 2; without a configuration neither tells that it is ready. */
function loggingFiles(folder: string): { log4j1: string; log4j2: string } {
  const log4j1 = join(folder, 'run', 'log4j.properties')
  const log4j2 = join(folder, 'run', 'log4j2.properties')
  if (existsSync(log4j2)) return { log4j1, log4j2 }
  mkdirSync(join(folder, 'run'), { recursive: true })
  writeFileSync(
    log4j1,
    `log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=[%d] %p %m (%c)%n
`,
  )
  writeFileSync(
    log4j2,
    `rootLogger.level=INFO
rootLogger.appenderRef.stdout.ref=STDOUT
appender.stdout.type=Console
appender.stdout.name=STDOUT
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=[%d] %p %m (%c)%n
`,
  )
  return { log4j1, log4j2 }
}

/** The text of a Java properties file. */
export function properties(settings: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
