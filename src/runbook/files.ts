import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Runbook } from './language.js'
import { type Callable, loadRunbook, RunbookError } from './load.js'

export interface Runbooks {
  /** A runbook as it is on disk now; RunbookError with all of its mistakes. */
  load(name: string): Promise<Runbook>
  /** Every runbook, so that a mistake shows when the bot starts and not in the night. */
  loadAll(): Promise<readonly Runbook[]>
}

export function createRunbooks(
  folder: string,
  gates: ReadonlyMap<string, Callable>,
  actions: ReadonlyMap<string, Callable>,
  migration: { readonly policies: object; readonly roles: object },
): Runbooks {
  const registries = { gates, actions, policies: Object.keys(migration.policies), roles: Object.keys(migration.roles) }
  const names = async () => {
    const files = await readdir(folder).catch(() => {
      throw new RunbookError([`${folder}: there is no such folder; FLOODGATE_RUNBOOKS names it`])
    })
    return files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length))
  }
  const load = async (name: string): Promise<Runbook> => {
    const runbooks = await names()
    if (!runbooks.includes(name))
      throw new RunbookError([`There is no runbook ${name}; there are ${runbooks.sort().join(', ')}.`])
    const file = join(folder, `${name}.yaml`)
    const runbook = loadRunbook(file, await readFile(file, 'utf8'), { ...registries, runbooks })
    if (runbook.name === name) return runbook
    throw new RunbookError([`${file}: runbook: expected ${name}, as the file is called, and found ${runbook.name}`])
  }
  return { load, loadAll: async () => Promise.all((await names()).map(load)) }
}
