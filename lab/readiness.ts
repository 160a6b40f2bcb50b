import { open } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** Looks once whether a process does its work; `log` is where its output lies, and from which byte this start began. */
export type Readiness = (log: { file: string; fromByte: number }) => Promise<boolean>

export function logLine(pattern: RegExp): Readiness {
  return async ({ file, fromByte }) => pattern.test(await textFrom(file, fromByte))
}

export function portOpen(port: number): Readiness {
  return () =>
    new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' })
      const answer = (isOpen: boolean) => {
        socket.destroy()
        resolve(isOpen)
      }
      socket.once('connect', () => answer(true))
      socket.once('error', () => answer(false))
    })
}

export function httpAnswers(url: string): Readiness {
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
      await response.arrayBuffer()
      return response.ok
    } catch {
      return false
    }
  }
}

/** Asks again until `look` finds something; undefined when `withinMs` have passed. */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  withinMs: number,
  everyMs = 50,
): Promise<T | undefined> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) return undefined
    await pause(everyMs)
  }
}

export async function textFrom(file: string, fromByte: number): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const bytes = Buffer.alloc(Math.max(0, size - fromByte))
    await handle.read(bytes, 0, bytes.length, fromByte)
    return bytes.toString('utf8')
  } finally {
    await handle.close()
  }
}
