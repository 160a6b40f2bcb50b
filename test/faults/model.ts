import type { SlackDescription } from '../../lab/types.js'
import type { Migration } from '../../src/config/migration.js'
import type { Runbook } from '../../src/runbook/language.js'
import { Estate, rollbackSteps, testMigration, threeSteps } from '../estate.js'

/** Where a bot of the model finds what it needs. */
export interface Place {
  readonly redis: string
  readonly slack: Pick<SlackDescription, 'api' | 'botToken' | 'appToken' | 'channel'>
  readonly sampleMs: number
  /** Who may approve, and how many of them every step wants. */
  readonly people: readonly Operator[]
  readonly approvals: number
}
export type Operator = SlackDescription['people'][number]

/** Alice asks, the others approve. */
export const operators: readonly Operator[] = ['Alice', 'Bob', 'Carol'].map(operator)

export function operator(name: string): Operator {
  return { id: `U0${name.toUpperCase()}`, name, groups: [] }
}

export function migrationIn({ slack, people, approvals }: Place): Migration {
  const { roles, policies } = testMigration
  return {
    ...testMigration,
    channel: slack.channel,
    people: people.map(({ id, name }) => ({ name, slack: id })),
    roles: { ...roles, operators: { people: people.map(({ name }) => name), groups: [] } },
    policies: { ...policies, two: { ...policies.two!, approvals } },
  }
}

const model = new Estate([])
const runbooks: Readonly<Record<string, Runbook>> = {
  night: model.runbook(threeSteps.replace('approve: operators', 'approve: two')),
  rollback: model.runbook(rollbackSteps),
}

export function runbookOf(name: string): Runbook {
  const found = runbooks[name]
  if (!found) throw new Error(`There is no runbook ${name}.`)
  return found
}
