import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Cgroup } from './cgroups.js'
import type { Guard } from './guard.js'
import type { LogFile } from './log-file.js'

export interface ProcessPlan {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly log: LogFile
  readonly cgroup: Cgroup | undefined
  readonly guard: Guard
}

export interface Exit {
  /** As a shell gives it: 128 + the signal's number for a process that a signal has ended. */
  readonly exitCode: number
  readonly wasOomKilled: boolean
}

export interface ContainerProcess {
  readonly pid: number
  /** Resolves when it has ended, its output is in the log, and what it left behind in its group is gone. */
  readonly exit: Promise<Exit>
  signal(name: 'SIGTERM' | 'SIGKILL'): void
}

/** Joins its cgroups, then becomes the command. */
const join = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 126; shift; done; shift; exec "$@"'

/** Starts a container's command in a process group of its own; `onLine` sees what it prints to stdout. */
export function startContainerProcess(
  { command, env, cwd, log, cgroup, guard }: ProcessPlan,
  onLine: (line: string) => void,
): ContainerProcess {
  // The kernel ends it when this process dies, however that dies: nothing stays behind after a kill -9 of the lab.
  const args = ['--pdeathsig', 'KILL', '--', 'sh', '-c', join, 'sh', ...(cgroup?.joinFiles ?? []), '--', ...command]
  const child = spawn('setpriv', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  if (child.pid !== undefined) guard.watch(child.pid)
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.append('stdout', line)
    onLine(line)
  })
  createInterface({ input: child.stderr }).on('line', (line) => log.append('stderr', line))
  return {
    pid: child.pid ?? 0,
    exit: exitOf(child, log, cgroup, guard),
    signal: (name) => void child.kill(name),
  }
}

async function exitOf(child: ChildProcess, log: LogFile, cgroup: Cgroup | undefined, guard: Guard): Promise<Exit> {
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      log.append('stderr', error.message)
      resolve(128)
    })
    child.once('exit', (code, signal) => {
      killGroup(child)
      if (child.pid !== undefined) guard.release(child.pid)
      child.once('close', () => resolve(code ?? 128 + (signalNumbers[signal ?? ''] ?? 0)))
    })
  })
  log.end()
  const wasOomKilled = exitCode === 137 && cgroup !== undefined && (await cgroup.oomKills()) > 0
  await cgroup?.remove()
  return { exitCode, wasOomKilled }
}

/** A container's other processes do not outlive its first one. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
}
