import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import getPort from 'get-port'
import { Redis } from 'ioredis'

/** A real redis-server of the test's own, safe as a real run wants it; `stop` ends it and removes its folder. */
export async function startRedis() {
  const folder = await mkdtemp(join(tmpdir(), 'floodgate-redis-'))
  const port = await getPort()
  const url = `redis://127.0.0.1:${port}`
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  ]
  const start = async () => {
    // However the tests end, Redis ends with them.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'redis-server', ...args], { stdio: 'ignore' })
    const probe = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 })
    probe.on('error', () => {})
    await probe.ping()
    probe.disconnect()
    return child
  }
  let child = await start()
  const end = (signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null) return resolve()
      child.once('exit', () => resolve())
      child.kill(signal)
    })
  return {
    url,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    restart: async () => {
      await end('SIGKILL')
      child = await start()
    },
    stop: async () => {
      child.kill('SIGCONT')
      await end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
