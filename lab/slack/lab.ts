import type { LabState } from './types.js'

/** The state once it is newer than `after`, or as it is when `withinMs` have passed. */
export async function readState(page: string, after = -1, withinMs = 1): Promise<LabState> {
  const response = await fetch(`${page}/lab/state?after=${after}&withinMs=${withinMs}`)
  return (await response.json()) as LabState
}

/** Asks the lab to do something; throws what it says when it will not. */
export async function post(page: string, path: string, body: object): Promise<object> {
  const response = await fetch(`${page}/lab/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as { ok: boolean; error?: string }
  if (!answer.ok) throw new Error(`SLACK_REFUSED: ${path}: ${JSON.stringify(answer)}`)
  return answer
}
