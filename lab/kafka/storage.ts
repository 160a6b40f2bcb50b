import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LabError } from '../errors.js'
import { classOptions } from './archives.js'
import { classPath, type Jars, javaOptions } from './java.js'

const run = promisify(execFile)
const main = 'kafka.tools.StorageTool'

/** A KRaft broker refuses a folder that was not formatted for its cluster. */
export async function formatStorage(given: {
  folder: string
  jars: Jars
  file: string
  clusterId: string
}): Promise<void> {
  const jars = { ...given.jars, recording: false }
  const options = [...javaOptions(given.folder, 128), ...classOptions(jars, main), '-cp', classPath(jars)]
  try {
    await run('java', [...options, main, 'format', '-t', given.clusterId, '-c', given.file])
  } catch (cause) {
    throw new LabError(
      'not-ready',
      `The storage of ${given.file} could not be formatted: ${(cause as Error).message}`,
      { cause },
    )
  }
}
