import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './errors.js'
import { isAlive, processesOf } from './strays.js'
import type { LabDescription } from './types.js'

/** What lies in a lab's folder, for those who look at it from outside. */
export const descriptionFile = 'lab.json'
export const supervisorName = 'supervisor'
/** Lies in every folder that a lab was given; a folder without it is nobody's to empty. */
const markerFile = '.floodgate-lab'

export interface ProcessNote {
  readonly name: string
  readonly pid: number
  readonly address: string
}

/** What is noted of the processes that were started and not yet stopped, the supervisor first. */
export function processNotes(folder: string): ProcessNote[] {
  const run = join(folder, 'run')
  if (!existsSync(run)) return []
  const notes = readdirSync(run)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(run, file), 'utf8')) as ProcessNote)
  const rank = ({ name }: ProcessNote) => (name === supervisorName ? '' : name)
  return notes.sort((a, b) => rank(a).localeCompare(rank(b)))
}

/** The pid of the lab that is up in this folder. */
export function supervisorOf(folder: string): number | undefined {
  const note = processNotes(folder).find(({ name }) => name === supervisorName)
  return note && isAlive(note.pid, folder) ? note.pid : undefined
}

export function readDescription(folder: string): LabDescription | undefined {
  const file = join(folder, descriptionFile)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LabDescription) : undefined
}

/** Makes the folder ready for a new lab: what the last one left goes, and a folder with anything else in it is refused. */
export function clearFolder(folder: string): void {
  const [running] = processesOf(folder)
  if (running) {
    throw new LabError(
      'already-up',
      `A lab is up in ${folder} (pid ${running.pid}): end it with script/lab down --folder ${folder} first`,
    )
  }
  mkdirSync(folder, { recursive: true })
  const entries = readdirSync(folder)
  if (entries.length > 0 && !entries.includes(markerFile)) {
    throw new LabError(
      'folder-in-use',
      `${folder} is not empty and holds no lab: give an empty or new folder with --folder`,
    )
  }
  for (const entry of entries) rmSync(join(folder, entry), { recursive: true, force: true })
  for (const below of ['logs', 'run']) mkdirSync(join(folder, below))
  writeFileSync(join(folder, markerFile), '')
}
