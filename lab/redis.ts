import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './ports.js'
import { type LabProcess, startProcess } from './processes.js'
import { portOpen } from './readiness.js'

/** The bot's Redis must not lose an acknowledged write to a crash; the ledger's may lose its last second with the machine. */
type Durability = 'always' | 'everysec'

export async function startRedis(given: {
  folder: string
  name: string
  appendfsync: Durability
}): Promise<LabProcess & { url: string }> {
  const { folder, name, appendfsync } = given
  const dir = join(folder, name)
  const file = join(folder, `${name}.conf`)
  const port = await freePort()
  await mkdir(dir, { recursive: true })
  await writeFile(
    file,
    `bind 127.0.0.1
port ${port}
dir ${dir}
appendonly yes
appendfsync ${appendfsync}
maxmemory-policy noeviction
save ""
`,
  )
  const started = await startProcess({
    name,
    folder,
    command: 'redis-server',
    args: [file],
    address: `127.0.0.1:${port}`,
    ready: portOpen(port),
  })
  return Object.assign(started, { url: `redis://127.0.0.1:${port}` })
}
