import { readdirSync, readFileSync } from 'node:fs'

/** The environment variable that every process of a lab carries, with the lab's folder: how strays are found. */
export const labMark = 'FLOODGATE_LAB'

export interface Stray {
  readonly pid: number
  /** The pod that it runs for. */
  readonly pod: string | undefined
  readonly command: string
}

/** Every living process of this lab but this one, also those whose parent is long gone. */
export function processesOf(folder: string): Stray[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => belongsTo(pid, folder))
    .map((pid) => ({
      pid: Number(pid),
      pod: variable(pid, 'POD_NAME'),
      command: textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim(),
    }))
    .filter(({ command }) => command !== '')
}

/** The living processes of this lab in one process group (the pid of its first process), by pid. */
export function groupOf(group: number, folder: string): number[] {
  return processesOf(folder)
    .map(({ pid }) => pid)
    .filter((pid) => processState(pid) !== 'ended' && Number(statOf(pid)[2]) === group)
}

/** Not only that such a pid exists: pids are used again. */
export function isAlive(pid: number, folder: string): boolean {
  return processState(pid) !== 'ended' && belongsTo(String(pid), folder)
}

export function processState(pid: number): 'running' | 'paused' | 'ended' {
  const [state] = statOf(pid)
  if (state === undefined || state === 'Z' || state === 'X') return 'ended'
  return state === 'T' ? 'paused' : 'running'
}

/** What stands behind the name in /proc/PID/stat (proc(5)): state, parent, process group and more. */
function statOf(pid: number): string[] {
  const text = textOf(`/proc/${pid}/stat`)
  const end = text.lastIndexOf(')')
  return end < 0 ? [] : text.slice(end + 2).split(' ')
}

/** Every process of a lab wears its mark, and so do its children. */
function belongsTo(pid: string, folder: string): boolean {
  return variable(pid, labMark) === folder
}

function variable(pid: string, name: string): string | undefined {
  const line = textOf(`/proc/${pid}/environ`)
    .split('\0')
    .find((each) => each.startsWith(`${name}=`))
  return line?.slice(name.length + 1)
}

/** Empty when the process is gone or not ours to look at. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
