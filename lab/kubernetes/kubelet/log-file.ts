import { EventEmitter, on } from 'node:events'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The log of one start of a container: a file of lines `TIME STREAM F TEXT`, as a container runtime writes it. */
export interface LogFile {
  append(stream: 'stdout' | 'stderr', line: string): void
  end(): void
  lines(options: LogOptions, signal: AbortSignal): AsyncIterable<string>
}

export interface LogOptions {
  readonly tailLines?: number | undefined
  readonly sinceTimeMs?: number | undefined
  readonly timestamps?: boolean
  readonly follow?: boolean
}

export function createLogFile(path: string, now: () => Date): LogFile {
  mkdirSync(dirname(path), { recursive: true })
  appendFileSync(path, '')
  const news = new EventEmitter().setMaxListeners(0)
  let hasEnded = false

  async function* lines(
    { tailLines, sinceTimeMs, timestamps = false, follow = false }: LogOptions,
    signal: AbortSignal,
  ) {
    const shown = (record: string) => (timestamps ? `${timeOf(record)} ${textOf(record)}\n` : `${textOf(record)}\n`)
    // Listen before reading: writing is synchronous, so no line falls in between.
    const following = follow && !hasEnded ? on(news, 'line', { signal, close: ['end'] }) : undefined
    const written = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    const recent =
      sinceTimeMs === undefined ? written : written.filter((record) => Date.parse(timeOf(record)) >= sinceTimeMs)
    for (const record of tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines)))
      yield shown(record)
    if (following) for await (const [record] of following) yield shown(record as string)
  }

  return {
    append(stream, line) {
      const record = `${now().toISOString()} ${stream} F ${line}`
      appendFileSync(path, `${record}\n`)
      news.emit('line', record)
    },
    end() {
      hasEnded = true
      news.emit('end')
    },
    lines,
  }
}

function timeOf(record: string): string {
  return record.slice(0, record.indexOf(' '))
}

function textOf(record: string): string {
  const [time = '', stream = ''] = record.split(' ', 2)
  return record.slice(time.length + stream.length + 4)
}
