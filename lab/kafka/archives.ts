import { existsSync } from 'node:fs'
import type { Jars } from './java.js'

export const brokerMain = 'kafka.Kafka'
export const workerMain = 'org.apache.kafka.connect.cli.ConnectDistributed'

/** From an archive of its classes a broker starts in half the time (JEP 350); the JVM itself sees to it that the jars are the same. */
export function classOptions(jars: Jars, main: string): string[] {
  if (jars.recording) return [`-XX:ArchiveClassesAtExit=${recordingOf(jars, main)}`]
  const archive = archiveOf(jars, main === workerMain ? workerMain : brokerMain)
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []
}

export function archiveOf(jars: Jars, main: string): string {
  return `${jars.folder}.${main.split('.').at(-1)}.jsa`
}

/** One for each process, so that two labs that record at once do not write one file. */
export function recordingOf(jars: Jars, main: string): string {
  return `${archiveOf(jars, main)}.${process.pid}`
}
