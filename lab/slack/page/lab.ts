import { useCallback, useEffect, useState } from 'react'
import type { Given } from '../person/elements.js'
import type { Entered } from '../person/values.js'
import type { LabState } from '../types.js'

/** The lab's state, read again whenever it says that something changed: undefined until the first answer. `alive`: it still answers. */
export function useLabState(): { readonly state: LabState | undefined; readonly alive: boolean } {
  const [state, setState] = useState<LabState>()
  const [alive, setAlive] = useState(true)
  useEffect(() => {
    let reading = false
    let again = false
    const read = async (): Promise<void> => {
      again = true
      if (reading) return
      reading = true
      while (again) {
        again = false
        const response = await fetch('/lab/state').catch(() => undefined)
        if (response?.ok) setState((await response.json()) as LabState)
      }
      reading = false
    }
    const events = new EventSource('/lab/events')
    events.onmessage = () => void read()
    events.onopen = () => {
      setAlive(true)
      void read()
    }
    events.onerror = () => setAlive(false)
    return () => events.close()
  }, [])
  return { state, alive }
}

/** Asks the lab to do what this person does; resolves to its answer, or to what went wrong. */
export async function act(
  path: string,
  body: object,
): Promise<{ ok: boolean; error?: string; errors?: Record<string, string> }> {
  try {
    const response = await fetch(`/lab/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return (await response.json()) as { ok: boolean; error?: string }
  } catch {
    return { ok: false, error: 'The lab does not answer: is it still running?' }
  }
}

/** What has been put into the inputs of one message or view. */
export function useEntered(): [Entered, (block: string, action: string, given: Given) => Entered] {
  const [entered, setEntered] = useState<Entered>({})
  const enter = useCallback(
    (block: string, action: string, given: Given): Entered => {
      const next = { ...entered, [block]: { ...entered[block], [action]: given } }
      setEntered(next)
      return next
    },
    [entered],
  )
  return [entered, enter]
}

/** A choice that outlives a reload of the page; the address wins over what was kept. */
export function useKept(name: string, otherwise: string): [string, (value: string) => void] {
  const asked = new URLSearchParams(window.location.search).get(name)
  const [value, setValue] = useState(asked ?? window.localStorage.getItem(name) ?? otherwise)
  return [
    value,
    (next) => {
      window.localStorage.setItem(name, next)
      setValue(next)
    },
  ]
}
