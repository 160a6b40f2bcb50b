import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = '/sys/fs/cgroup'
/** Followed by the pid of the lab. */
const prefix = 'floodgate-lab-'

export interface Limits {
  readonly memoryBytes?: number | undefined
  readonly pids?: number | undefined
}

/** A control group of one container. A process joins by writing its pid to each of `joinFiles`. */
export interface Cgroup {
  readonly joinFiles: readonly string[]
  oomKills(): Promise<number>
  remove(): Promise<void>
}

export interface Cgroups {
  readonly version: 'v1' | 'v2'
  create(name: string, limits: Limits): Promise<Cgroup>
  remove(): Promise<void>
}

/** Limits that the kernel enforces, or, where rights or controllers are missing, why there are none. */
export async function openCgroups(now: Date): Promise<Cgroups | { readonly missing: string }> {
  const version = existsSync(join(root, 'cgroup.controllers'))
    ? 'v2'
    : existsSync(join(root, 'memory'))
      ? 'v1'
      : undefined
  if (!version) return { missing: `no memory controller below ${root}` }
  const name = `${prefix}${process.pid}-${now.getTime()}`
  try {
    await removeLeftBehind(version === 'v2' ? [root] : [join(root, 'memory'), join(root, 'pids')])
    return version === 'v2' ? await openV2(name) : await openV1(name)
  } catch (error) {
    return {
      missing: `cannot make a cgroup (${(error as NodeJS.ErrnoException).code}): root and a writable ${root} are needed`,
    }
  }
}

async function openV1(name: string): Promise<Cgroups> {
  const parents = { memory: join(root, 'memory', name), pids: join(root, 'pids', name) }
  for (const parent of Object.values(parents)) await mkdir(parent, { recursive: true })
  return {
    version: 'v1',
    async create(container, { memoryBytes, pids }) {
      const [memory, processes] = [join(parents.memory, container), join(parents.pids, container)]
      await mkdir(memory)
      await mkdir(processes)
      if (memoryBytes !== undefined) {
        await writeFile(join(memory, 'memory.limit_in_bytes'), String(memoryBytes))
        const withSwap = join(memory, 'memory.memsw.limit_in_bytes')
        if (existsSync(withSwap)) await writeFile(withSwap, String(memoryBytes))
      }
      if (pids !== undefined) await writeFile(join(processes, 'pids.max'), String(pids))
      return {
        joinFiles: [join(memory, 'cgroup.procs'), join(processes, 'cgroup.procs')],
        oomKills: () => countOf(join(memory, 'memory.oom_control')),
        remove: () => removeAll([memory, processes]),
      }
    },
    remove: () => removeAll(Object.values(parents)),
  }
}

async function openV2(name: string): Promise<Cgroups> {
  const parent = join(root, name)
  await mkdir(parent, { recursive: true })
  for (const folder of [root, parent]) await delegate(folder)
  return {
    version: 'v2',
    async create(container, { memoryBytes, pids }) {
      const folder = join(parent, container)
      await mkdir(folder)
      if (memoryBytes !== undefined) {
        await writeFile(join(folder, 'memory.max'), String(memoryBytes))
        if (existsSync(join(folder, 'memory.swap.max'))) await writeFile(join(folder, 'memory.swap.max'), '0')
      }
      if (pids !== undefined) await writeFile(join(folder, 'pids.max'), String(pids))
      return {
        joinFiles: [join(folder, 'cgroup.procs')],
        oomKills: () => countOf(join(folder, 'memory.events')),
        remove: () => removeAll([folder]),
      }
    },
    remove: () => removeAll([parent]),
  }
}

/** A lab that was killed leaves its empty groups. */
async function removeLeftBehind(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (const name of (await readdir(folder)).filter((entry) => entry.startsWith(prefix))) {
      const pid = /^\d+/.exec(name.slice(prefix.length))?.[0]
      if (existsSync(`/proc/${pid}`)) continue
      const left = join(folder, name)
      const groups = (await readdir(left, { withFileTypes: true })).filter((entry) => entry.isDirectory())
      await removeAll([...groups.map((group) => join(left, group.name)), left])
    }
  }
}

async function delegate(folder: string): Promise<void> {
  const control = join(folder, 'cgroup.subtree_control')
  const isOn = readFileSync(control, 'utf8').split(/\s+/)
  if (!['memory', 'pids'].every((controller) => isOn.includes(controller))) await writeFile(control, '+memory +pids')
}

async function countOf(file: string): Promise<number> {
  return Number(/^oom_kill (\d+)$/m.exec(await readFile(file, 'utf8'))?.[1] ?? 0)
}

/** A group stays busy for a moment after its last process has gone. */
async function removeAll(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (let attempt = 0; attempt < 50; attempt++) {
      const error = await rmdir(folder).then(
        () => undefined,
        (failure: NodeJS.ErrnoException) => failure,
      )
      if (error?.code !== 'EBUSY') break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
