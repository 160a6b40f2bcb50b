import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './errors.js'
import { type Readiness, textFrom, waitFor } from './readiness.js'
import { groupOf, labMark } from './strays.js'
import type { Part } from './types.js'

export interface ProcessPlan {
  /** Unique in its lab: names the log and the line in `script/lab status`. */
  readonly name: string
  /** The lab's folder: output goes to `logs/NAME.log` below it. */
  readonly folder: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Where others reach it, for people. */
  readonly address?: string
  readonly ready: Readiness
  readonly readyWithinMs?: number
  /** How long it may take to end by itself after SIGTERM. */
  readonly stopWithinMs?: number
  /** How often it may end before it is ready, and is started again. */
  readonly attempts?: number
}

/** A process of the lab, with the handles that tests of faults need. The pid changes with each restart. */
export interface LabProcess extends Part {
  readonly name: string
  readonly pid: number
  readonly log: string
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGSTOP: alive and deaf, until `resume`. */
  pause(): void
  resume(): void
  /** Ends it if it still runs, starts it anew with the same command line, and resolves when it is ready again. */
  restart(): Promise<void>
}

/** Starts a process in its own group and resolves once it is ready; an error shows the last lines of its log. */
export async function startProcess(plan: ProcessPlan): Promise<LabProcess> {
  const log = join(plan.folder, 'logs', `${plan.name}.log`)
  let child = await launch(plan, log, plan.attempts ?? 1)
  const stop = async () => {
    // A paused process does not hear SIGTERM.
    signal(child, 'SIGCONT')
    signal(child, 'SIGTERM')
    await exited(child, plan.stopWithinMs ?? 10_000)
    await end()
  }
  const end = async () => {
    signal(child, 'SIGKILL')
    await exited(child, 5_000)
    await endGroup(child, plan.folder)
    rmSync(noteOf(plan), { force: true })
  }
  return {
    name: plan.name,
    get pid() {
      return child.pid ?? 0
    },
    log,
    stop,
    kill: end,
    pause: () => signal(child, 'SIGSTOP'),
    resume: () => signal(child, 'SIGCONT'),
    async restart() {
      await stop()
      child = await launch(plan, log, plan.attempts ?? 1)
    },
  }
}

async function launch(plan: ProcessPlan, log: string, attempts: number): Promise<ChildProcess> {
  mkdirSync(join(plan.folder, 'logs'), { recursive: true })
  mkdirSync(join(plan.folder, 'run'), { recursive: true })
  const output = openSync(log, 'a')
  const fromByte = fstatSync(output).size
  // The kernel ends it when this process dies, however it dies: nothing stays behind after a kill -9 of the lab.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', plan.command, ...plan.args], {
    cwd: plan.cwd ?? plan.folder,
    env: { ...process.env, ...plan.env, [labMark]: plan.folder },
    stdio: ['ignore', output, output],
    detached: true,
  })
  closeSync(output)
  await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(asMissing(error)))])
  writeFileSync(noteOf(plan), JSON.stringify({ name: plan.name, pid: child.pid, address: plan.address ?? '' }))

  const withinMs = plan.readyWithinMs ?? 60_000
  const outcome = await waitFor(async () => {
    if (hasExited(child)) return 'exited'
    return (await plan.ready({ file: log, fromByte })) ? 'ready' : undefined
  }, withinMs)
  if (outcome === 'ready') return child
  if (outcome === 'exited' && attempts > 1) return launch(plan, log, attempts - 1)

  signal(child, 'SIGKILL')
  const why = outcome === 'exited' ? `ended with ${ending(child)}` : `was not ready within ${withinMs / 1000} s`
  const lastLines = (await textFrom(log, fromByte)).trimEnd().split('\n').slice(-15).join('\n')
  throw new LabError('not-ready', `${plan.name} ${why}. The end of ${log}:\n${lastLines}`)
}

function noteOf({ folder, name }: ProcessPlan): string {
  return join(folder, 'run', `${name}.json`)
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || hasExited(child)) return
  try {
    process.kill(-child.pid, name)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** It went between the look and the signal. */
function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ESRCH'
}

/** What the process started ends with it: also where it went first, and its children did not hear of it yet. */
async function endGroup({ pid }: ChildProcess, folder: string): Promise<void> {
  if (pid === undefined) return
  await waitFor(async () => {
    const left = groupOf(pid, folder)
    for (const member of left) endOne(member)
    return left.length === 0 ? true : undefined
  }, 5_000)
}

function endOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

async function exited(child: ChildProcess, withinMs: number): Promise<void> {
  if (hasExited(child)) return
  const deadline = AbortSignal.timeout(withinMs)
  await once(child, 'exit', { signal: deadline }).catch(() => undefined)
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function ending(child: ChildProcess): string {
  return child.signalCode ?? `exit code ${child.exitCode}`
}

function asMissing(error: Error): LabError {
  return new LabError('missing-program', 'setpriv is not there: install the package util-linux', { cause: error })
}
