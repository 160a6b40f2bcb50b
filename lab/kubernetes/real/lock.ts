import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** Does the work while no other process does; `onWait` is told once if another one is at it. A dead process holds nothing. */
export async function withLock(path: string, onWait: () => void, work: () => Promise<void>): Promise<void> {
  let hasWaited = false
  while (!(await take(path))) {
    if (!hasWaited) onWait()
    hasWaited = true
    await pause(500)
  }
  try {
    await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  if (await create(path)) return true
  const holder = Number(await readFile(path, 'utf8').catch(() => ''))
  if (!holder || isAlive(holder)) return false
  await rm(path, { force: true })
  return create(path)
}

async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
