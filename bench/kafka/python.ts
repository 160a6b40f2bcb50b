import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheFolder } from '../../lab/cache.js'
import type { Progress } from '../../lab/types.js'
import { printed } from './clock.js'

const release = 'confluent-kafka==2.12.2'

/** A Python with librdkafka's client, made once, outside of the repository; the interpreter's path. */
export async function pythonWithKafka(progress: Progress): Promise<string> {
  const folder = cacheFolder(process.env, 'bench', release)
  const interpreter = join(folder, 'bin', 'python')
  if (existsSync(join(folder, 'ready'))) return interpreter
  progress(`installing ${release} from PyPI, once`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(dirname(folder), { recursive: true })
  await printed('python3', ['-m', 'venv', folder])
  await printed(interpreter, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', release])
  await mkdir(join(folder, 'half'))
  await rename(join(folder, 'half'), join(folder, 'ready'))
  return interpreter
}
