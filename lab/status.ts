import Table from 'cli-table3'
import { processNotes } from './folder.js'
import { processesOf, processState } from './strays.js'
import type { LabDescription } from './types.js'

/** The lab as a table: its processes, then what lives inside of them. */
export async function statusTable(folder: string, lab: LabDescription | undefined): Promise<string> {
  const table = new Table({
    head: ['part', 'pid', 'address', 'state'],
    style: { head: [], border: [], compact: true },
  })
  const notes = processNotes(folder)
  for (const { name, pid, address } of notes) table.push([name, pid, address, processState(pid)])
  const noted = new Set(notes.map(({ pid }) => pid))
  for (const { pid, pod, command } of processesOf(folder)) {
    if (!noted.has(pid)) table.push([pod ? `pod ${pod}` : programOf(command), pid, '', processState(pid)])
  }
  if (lab) {
    table.push(['slack page', '', lab.slack.page, (await answers(lab.slack.page)) ? 'answers' : 'silent'])
    for (const side of ['source', 'target'] as const) {
      for (const [name, state] of await connectorStates(lab.connect[side])) {
        table.push([`${side} connector ${name}`, '', lab.connect[side], state])
      }
    }
  }
  return table.toString()
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  )
}

async function connectorStates(worker: string): Promise<[string, string][]> {
  try {
    const answer = await fetch(`${worker}/connectors?expand=status`, { signal: AbortSignal.timeout(2_000) })
    const all = (await answer.json()) as Record<string, { status: { connector: { state: string } } }>
    return Object.entries(all).map(([name, { status }]) => [name, status.connector.state.toLowerCase()])
  } catch {
    return [['(all)', 'silent']]
  }
}

function programOf(command: string): string {
  return command.split(/\s/)[0]?.split('/').at(-1) ?? command
}
