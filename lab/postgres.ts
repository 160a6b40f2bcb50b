import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LabError } from './errors.js'
import { freePort } from './ports.js'
import { type LabProcess, startProcess } from './processes.js'
import { logLine } from './readiness.js'

export interface Postgres extends LabProcess {
  readonly port: number
  /** A client that takes statements as arguments of `-c` or on its standard input, and prints rows without a head, with | between columns. */
  readonly client: readonly [command: string, ...args: string[]]
  /** The rows of one statement. */
  sql(statement: string): Promise<string[]>
}

const run = promisify(execFile)
const user = 'postgres'

/** A PostgreSQL whose changes can be read (logical decoding), on loopback; its data goes when it stops. */
export async function startPostgres(given: { folder: string; name: string }): Promise<Postgres> {
  const programs = programFolder()
  const port = await freePort()
  // Not in the lab's folder: that may be root's, as whom PostgreSQL refuses to run.
  const data = await mkdtemp(join(tmpdir(), 'floodgate-postgres-'))
  const asUser = await ownerOf(data)
  const initdb = [...asUser, join(programs, 'initdb'), '-D', data, '-U', user, '-A', 'trust', '--no-sync']
  await run(initdb[0]!, initdb.slice(1), { cwd: data })
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    wal_level: 'logical',
    fsync: 'off',
    shared_buffers: '16MB',
  }
  const server = [...asUser, join(programs, 'postgres'), '-D', data]
  const started = await startProcess({
    name: given.name,
    folder: given.folder,
    cwd: data,
    command: server[0]!,
    args: [...server.slice(1), ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    address: `127.0.0.1:${port}`,
    ready: logLine(/ready to accept connections/),
  })
  const { stop } = started
  const client = [
    join(programs, 'psql'),
    '-XqAt',
    '-v',
    'ON_ERROR_STOP=1',
    '-h',
    '127.0.0.1',
    '-p',
    `${port}`,
    user,
    user,
  ]
  return Object.assign(started, {
    port,
    client: client as unknown as Postgres['client'],
    sql: async (statement: string) => {
      const { stdout } = await run(client[0]!, [...client.slice(1), '-c', statement])
      return stdout.split('\n').filter((line) => line !== '')
    },
    stop: async () => {
      await stop()
      await rm(data, { recursive: true, force: true })
    },
  })
}

/** Debian keeps the server's programs apart, by version, and not on the path. */
function programFolder(): string {
  const versions = '/usr/lib/postgresql'
  const newest = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0] : undefined
  if (newest) return join(versions, newest, 'bin')
  throw new LabError('missing-program', `There is no PostgreSQL below ${versions}: install the package postgresql`)
}

/** What a command line begins with to be run as the owner of the folder: root hands it to the user that the package made. */
async function ownerOf(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return []
  const idOf = async (flag: string) => Number((await run('id', [flag, user])).stdout)
  await chown(folder, await idOf('-u'), await idOf('-g'))
  // The kernel forgets who is to die with whom when the user changes, so it is said again.
  return ['setpriv', '--reuid', user, '--regid', user, '--clear-groups', '--pdeathsig', 'KILL', '--']
}
