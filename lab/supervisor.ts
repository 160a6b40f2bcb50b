import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './errors.js'
import { clearFolder, processNotes, supervisorName, supervisorOf } from './folder.js'
import { waitFor } from './readiness.js'
import { isAlive, labMark, processesOf, type Stray } from './strays.js'
import type { LabOptions, Progress } from './types.js'

/** What the supervisor tells the one who started it. */
type Word = { progress: string } | { ready: true } | { failed: string }

/** Starts a lab that goes on after this process has ended; resolves when it is ready. */
export async function startSupervised(options: LabOptions, program: string, progress: Progress): Promise<void> {
  const { folder } = options
  clearFolder(folder)
  const log = join(folder, 'logs', `${supervisorName}.log`)
  const output = openSync(log, 'a')
  const child = spawn(process.execPath, [program, 'supervise', JSON.stringify(options)], {
    cwd: folder,
    env: { ...process.env, [labMark]: folder },
    stdio: ['ignore', output, output, 'ipc'],
    detached: true,
  })
  closeSync(output)
  await new Promise<void>((resolve, reject) => {
    const endIt = () => void child.kill('SIGTERM')
    process.once('SIGINT', endIt).once('SIGTERM', endIt)
    child.on('message', (word: Word) => {
      if ('progress' in word) return progress(word.progress)
      if ('failed' in word) return reject(new LabError('not-ready', word.failed))
      child.disconnect()
      child.unref()
      process.off('SIGINT', endIt).off('SIGTERM', endIt)
      resolve()
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      const end = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-10).join('\n')
      reject(new LabError('not-ready', `The lab ended (${signal ?? `exit code ${code}`}) before it was ready.\n${end}`))
    })
  })
}

/** Is the supervisor: holds the lab until SIGTERM. What it started ends with it, however it ends. */
export async function supervise(options: LabOptions): Promise<void> {
  const tell = (word: Word) => void (process.connected && process.send?.(word))
  const note = join(options.folder, 'run', `${supervisorName}.json`)
  writeFileSync(note, JSON.stringify({ name: supervisorName, pid: process.pid, address: '' }))
  // Until it is ready, the end of whoever waits for it, or a signal, is its end; the kernel ends its children.
  const giveUp = () => process.exit(1)
  process.on('disconnect', giveUp).on('SIGTERM', giveUp).on('SIGINT', giveUp)
  // Loaded here alone: it brings the whole estate with it, and `down` and `status` are to answer at once.
  const { upLab } = await import('./index.js')
  const lab = await upLab(options, (text) => {
    console.log(text)
    tell({ progress: text })
  }).catch((error: Error) => {
    console.error(error)
    tell({ failed: error.message })
    process.exit(1)
  })
  process.off('disconnect', giveUp).off('SIGTERM', giveUp).off('SIGINT', giveUp)
  const end = async () => {
    await lab.stop()
    rmSync(note, { force: true })
    process.exit(0)
  }
  process.once('SIGTERM', end).once('SIGINT', end)
  tell({ ready: true })
}

/** Ends the lab and returns what did not end with it, and was killed. */
export async function stopSupervised(folder: string, progress: Progress, withinMs = 60_000): Promise<Stray[]> {
  const pid = supervisorOf(folder)
  if (pid === undefined && processesOf(folder).length === 0) {
    throw new LabError('not-up', `No lab is up in ${folder}: there is nothing to end`)
  }
  if (pid !== undefined) {
    progress(`Stopping ${processNotes(folder).length} parts and the pods`)
    process.kill(pid, 'SIGTERM')
    const gone = await waitFor(async () => (isAlive(pid, folder) ? undefined : true), withinMs)
    if (!gone) process.kill(pid, 'SIGKILL')
  }
  // What the kernel was told to end with the supervisor may take a moment.
  await waitFor(async () => (processesOf(folder).length === 0 ? true : undefined), 2_000)
  const strays = processesOf(folder)
  for (const stray of strays) process.kill(stray.pid, 'SIGKILL')
  const allGone = await waitFor(async () => (processesOf(folder).length === 0 ? true : undefined), 5_000)
  if (!allGone) throw new LabError('left-behind', `Still there after SIGKILL: ${lines(processesOf(folder))}`)
  return strays
}

export function lines(strays: readonly Stray[]): string {
  return strays.map(({ pid, command }) => `  ${pid} ${command.slice(0, 100)}`).join('\n')
}
