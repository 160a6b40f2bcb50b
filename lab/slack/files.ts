import { refuse } from './refusal.js'
import type { SharedFile } from './types.js'
import type { Workspace } from './workspace.js'

interface Upload extends SharedFile {
  readonly expected: number
  readonly bytes: Buffer | undefined
  /** Since when a message may refer to it; undefined until the upload is completed. */
  readonly readyAt: number | undefined
}

/**
 * Files in Slack's three steps. As in Slack, a completed file is not usable at once: until `processingMs` have passed,
 * `files.info` shows it without a type and an image block that names it is refused.
 */
export interface Files {
  expect(name: string, length: number): SharedFile
  receive(id: string, bytes: Buffer): void
  complete(id: string, title: string | undefined): SharedFile
  find(id: string): { readonly file: SharedFile; readonly ready: boolean; readonly bytes: Buffer }
  list(): readonly (SharedFile & { readonly ready: boolean })[]
  remove(id: string): void
  setProcessingMs(ms: number): void
}

export function createFiles(
  workspace: Workspace,
  kept: readonly (SharedFile & { readonly bytes: Buffer })[] = [],
): Files {
  const uploads = new Map<string, Upload>(kept.map((file) => [file.id, { ...file, expected: file.size, readyAt: 0 }]))
  let processingMs = 250
  const of = (id: string): Upload => uploads.get(id) ?? refuse('file_not_found')
  const ready = (upload: Upload): boolean => upload.readyAt !== undefined && upload.readyAt <= workspace.now()
  return {
    expect(name, length) {
      const id = workspace.id('F')
      const upload: Upload = {
        id,
        name,
        title: name,
        mimetype: typeOf(name),
        size: length,
        expected: length,
        bytes: undefined,
        readyAt: undefined,
      }
      uploads.set(id, upload)
      return shared(upload)
    },
    receive(id, bytes) {
      uploads.set(id, { ...of(id), bytes, size: bytes.length })
    },
    complete(id, title) {
      const upload = of(id)
      if (upload.bytes === undefined) refuse('file_not_found')
      if (upload.size !== upload.expected) refuse('file_upload_size_mismatch')
      const completed: Upload = { ...upload, title: title ?? upload.title, readyAt: workspace.now() + processingMs }
      uploads.set(id, completed)
      // The page shows the picture once it can be had, so it has to hear of that moment too.
      setTimeout(() => workspace.changed(), processingMs + 1).unref()
      workspace.changed()
      return shared(completed)
    },
    find(id) {
      const upload = of(id)
      return { file: shared(upload), ready: ready(upload), bytes: upload.bytes ?? Buffer.alloc(0) }
    },
    list: () =>
      [...uploads.values()]
        .filter(({ readyAt }) => readyAt !== undefined)
        .map((upload) => ({ ...shared(upload), ready: ready(upload) })),
    remove(id) {
      of(id)
      uploads.delete(id)
      workspace.changed()
    },
    setProcessingMs(ms) {
      processingMs = ms
    },
  }
}

function shared({ id, name, title, mimetype, size }: Upload): SharedFile {
  return { id, name, title, mimetype, size }
}

const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  csv: 'text/csv',
  txt: 'text/plain',
  md: 'text/markdown',
  json: 'application/json',
  yaml: 'text/yaml',
}

function typeOf(name: string): string {
  return types[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream'
}
