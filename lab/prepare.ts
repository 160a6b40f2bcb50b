import { join } from 'node:path'
import { LabError } from './errors.js'
import { createPrepared } from './kafka/prepared.js'
import { releases } from './kafka/versions.js'
import { apiServerBinary } from './kubernetes/real/build.js'
import { repository } from './repository.js'
import type { KafkaVersion, Progress } from './types.js'

/** Fetches or builds ahead of time what a lab would at its first start, and says how far it is: `kafka`, `kubernetes`. */
const progress: Progress = (text) => console.log(`prepare: ${text}`)
const sources = join(repository(), 'lab/kubernetes/apiserver')

const parts: Readonly<Record<string, () => Promise<unknown>>> = {
  kafka: async () => {
    const prepared = createPrepared(progress)
    for (const version of Object.keys(releases) as KafkaVersion[]) await prepared(version)
  },
  kubernetes: () => apiServerBinary(sources, process.env, progress),
}

try {
  for (const name of process.argv.slice(2)) {
    const part = parts[name]
    if (!part) throw new LabError('wrong-option', `unknown: ${name} (known: ${Object.keys(parts).join(', ')})`)
    await part()
  }
} catch (error) {
  console.error(`prepare: ${error instanceof LabError ? error.message : error}`)
  process.exit(1)
}
