import { createContext, use } from 'react'
import type { LabState, Person } from '../types.js'

/** What every part of the page needs to know about this visit. */
export interface Visit {
  readonly state: LabState
  readonly person: Person
  readonly dark: boolean
  /** The lab still answers. */
  readonly alive: boolean
  openThread(ts: string): void
}

export const VisitContext = createContext<Visit | undefined>(undefined)

export function useVisit(): Visit {
  const visit = use(VisitContext)
  if (visit === undefined) throw new Error('PAGE_WITHOUT_VISIT: render this inside VisitContext')
  return visit
}
