import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Slack } from './slack.js'
import type { Channel, Message, SharedFile } from './types.js'

/** What outlives a restart of the lab: an app that comes back finds its tokens, its messages and its pictures. */
export interface Kept {
  readonly version: number
  readonly secrets: { readonly bot: string; readonly app: string; readonly signing: string }
  readonly channels: readonly Channel[]
  readonly messages: Readonly<Record<string, readonly Message[]>>
  readonly files: readonly SharedFile[]
}

/** Changes come in bursts; each burst is written once. */
const settleMs = 300

export function readKept(folder: string | undefined): Kept | undefined {
  if (folder === undefined || !existsSync(join(folder, 'slack.json'))) return undefined
  return JSON.parse(readFileSync(join(folder, 'slack.json'), 'utf8')) as Kept
}

export function readKeptFile(folder: string, id: string): Buffer {
  return readFileSync(join(folder, 'files', id))
}

/** Writes soon after every change; the function that it returns writes at once and stops. */
export function keep(folder: string | undefined, slack: Slack, secrets: Kept['secrets']): () => void {
  if (folder === undefined) return () => {}
  mkdirSync(join(folder, 'files'), { recursive: true })
  const write = (): void => {
    const files = slack.files.list()
    for (const { id } of files) {
      const path = join(folder, 'files', id)
      if (!existsSync(path)) writeFileSync(path, slack.files.find(id).bytes)
    }
    const channels = [...slack.workspace.channels.values()]
    const messages = Object.fromEntries(channels.map(({ id }) => [id, slack.messages.list(id)]))
    const kept: Kept = {
      version: slack.workspace.version(),
      secrets,
      channels,
      messages,
      files: files.map(({ ready: _ready, ...file }) => file),
    }
    const path = join(folder, 'slack.json')
    writeFileSync(`${path}.new`, JSON.stringify(kept), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }
  let due: NodeJS.Timeout | undefined
  const stop = slack.workspace.onChange(() => {
    due ??= setTimeout(() => {
      due = undefined
      write()
    }, settleMs)
  })
  return () => {
    stop()
    clearTimeout(due)
    write()
  }
}
