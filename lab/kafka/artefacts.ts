import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { cacheFolder } from '../cache.js'
import { LabError } from '../errors.js'
import type { KafkaVersion, Progress } from '../types.js'
import { releases } from './versions.js'

/** The folder with all jars of a version, fetched from Maven Central the first time and never again. */
export function kafkaJars(version: KafkaVersion, progress: Progress): Promise<string> {
  const release = releases[version]
  return mavenJars(`Kafka ${release.version}`, release.version, release.artefacts, progress)
}

/** A plugin of Kafka Connect, as a folder of jars: Debezium's connector for PostgreSQL, made for the workers' Kafka. */
export function debeziumJars(progress: Progress): Promise<string> {
  const version = '3.1.3.Final'
  const artefacts = [`io.debezium:debezium-connector-postgres:${version}`]
  return mavenJars(`Debezium ${version}`, `debezium-${version}`, artefacts, progress)
}

async function mavenJars(
  title: string,
  name: string,
  artefacts: readonly string[],
  progress: Progress,
): Promise<string> {
  const pom = pomOf(artefacts)
  const digest = createHash('sha256').update(pom).digest('hex').slice(0, 12)
  const jars = cacheFolder(process.env, 'kafka', `${name}-${digest}`)
  if (!existsSync(jars)) await fetchJars(pom, jars, title, progress)
  return jars
}

/**
 * Fetches beside and renames, so that an interrupted fetch leaves nothing that looks whole. The lock is the kernel's, so it
 * ends with its holder; it covers all versions, because Maven's own repository is not made for two writers.
 */
async function fetchJars(pom: string, jars: string, title: string, progress: Progress): Promise<void> {
  const fetching = `${jars}.${process.pid}`
  await mkdir(fetching, { recursive: true })
  await writeFile(join(fetching, 'pom.xml'), pom)
  progress(`${title}: fetching from Maven Central, once`)
  const script = `
    if [ -d "$1" ]; then rm -rf "$2"; exit 0; fi
    mvn -B -f "$2/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$2" && mv -T "$2" "$1"`
  const lock = join(dirname(jars), 'maven.lock')
  const maven = spawn('flock', [lock, 'sh', '-c', script, 'sh', jars, fetching], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  let files = 0
  const read = (line: string) => {
    lines.push(line)
    if (line.includes('Downloaded from') && ++files % 50 === 0) progress(`${title}: ${files} files fetched`)
  }
  createInterface(maven.stdout).on('line', read)
  createInterface(maven.stderr).on('line', read)
  const [code] = await once(maven, 'close')
  if (code === 0) return
  const errors = lines.filter((line) => /ERROR|not found/.test(line)).slice(0, 8)
  throw new LabError(
    'missing-program',
    `${title} could not be fetched by Maven (exit ${code}): is Maven installed and Maven Central reachable?\n${errors.join('\n')}`,
  )
}

function pomOf(artefacts: readonly string[]): string {
  const dependencies = artefacts.map((artefact) => {
    const [group, name, version] = artefact.split(':')
    return `    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>floodgate.lab</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`
}
