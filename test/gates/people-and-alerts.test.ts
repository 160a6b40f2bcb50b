import { describe, expect, it } from '@jest/globals'
import { alertsBelow } from '../../src/gates/alerts-below.js'
import { asked } from '../../src/gates/asked.js'
import type { Look } from '../../src/gates/gate.js'
import { migrationOf } from '../actions/estate.js'

const look = (more: Partial<Look>): Look => ({
  now: 0,
  since: 0,
  last: undefined,
  migration: migrationOf([{ name: 'checkout', tier: 'upstream', produces: ['orders'] }]),
  fact: async () => undefined,
  alerts: [],
  answers: [],
  ...more,
})

describe('asked', () => {
  const question = 'Is the business all right?'
  const answer = (person: string, yes: boolean, to = question) => ({ question: to, person, yes })
  it.each([
    ['nobody has answered', [], 'inconclusive'],
    ['another question was answered', [answer('Ann', true, 'Is it raining?')], 'inconclusive'],
    ['somebody said yes', [answer('Ann', true)], 'passed'],
    ['somebody said no, whoever said yes', [answer('Ann', true), answer('Bob', false)], 'failed'],
  ])('%s', async (_, answers, verdict) => {
    const measured = await asked.measure({}, { role: 'owners', question }, look({ answers }))
    expect(measured.verdict).toBe(verdict)
    expect(measured.text).toContain(question)
  })
})

describe('asked of the owner of each app', () => {
  const question = 'Is your app all right?'
  const migration = {
    ...migrationOf(
      ['checkout', 'stock', 'billing'].map((name) => ({ name, tier: 'upstream' as const, produces: ['orders'] })),
    ),
  }
  const owned = {
    ...migration,
    apps: migration.apps.map((app) => (app.name === 'billing' ? app : { ...app, owner: 'Ann' })),
  }
  const answer = (person: string, yes: boolean, ...apps: string[]) => ({
    question,
    person,
    yes,
    apps,
    reason: 'it is slow',
  })
  it.each([
    ['nobody has answered', [], 'inconclusive', '0 of 3 apps confirmed; waiting for Ann (2), the role owners (1)'],
    [
      'one owner has',
      [answer('Ann', true, 'checkout', 'stock')],
      'inconclusive',
      '2 of 3 apps confirmed; waiting for the role owners (1)',
    ],
    [
      'all have',
      [answer('Ann', true, 'checkout', 'stock'), answer('Bob', true, 'billing')],
      'passed',
      '3 of 3 apps confirmed',
    ],
    [
      'one says no',
      [answer('Bob', true, 'billing'), answer('Ann', false, 'stock')],
      'failed',
      'stock is not all right, says Ann: it is slow',
    ],
    [
      'a yes to another question',
      [{ ...answer('Ann', true, 'stock'), question: 'Is it raining?' }],
      'inconclusive',
      '0 of 3',
    ],
  ])('%s', async (_, answers, verdict, text) => {
    const found = await asked.measure(
      {},
      { role: 'owners', question, each: 'app' },
      look({ answers, migration: owned }),
    )
    expect(found.verdict).toBe(verdict)
    expect(found.text).toContain(text)
    expect(found.final).toBe(verdict === 'failed' ? true : undefined)
  })
})

describe('alerts-below', () => {
  const alert = (severity: 'warning' | 'critical') => ({ cause: `c-${severity}`, severity, text: `${severity} text.` })
  it.each([
    ['critical', [], 'passed'],
    ['critical', [alert('warning')], 'passed'],
    ['critical', [alert('warning'), alert('critical')], 'failed'],
    ['warning', [alert('warning')], 'failed'],
  ] as const)('%s with %j open: %s', async (severity, alerts, verdict) => {
    expect((await alertsBelow.measure({}, { severity }, look({ alerts }))).verdict).toBe(verdict)
  })
})
