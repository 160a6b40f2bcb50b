import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { actions } from '../src/actions/index.js'
import { loadMigration } from '../src/config/load.js'
import { gates } from '../src/gates/index.js'
import { createRunbooks } from '../src/runbook/files.js'

describe('what is there to copy for a real installation', () => {
  it('has a migration.yaml with which every shipped runbook loads', async () => {
    const migration = loadMigration('deploy/migration.yaml', readFileSync('deploy/migration.yaml', 'utf8'))
    const runbooks = await createRunbooks('runbooks', gates, actions, migration).loadAll()
    const names = runbooks.map((runbook) => runbook.name)
    expect(names).toEqual(expect.arrayContaining(['cutover', 'cutover-mirror-last', 'rollback']))
    for (const { steps } of runbooks) expect(steps.length).toBeGreaterThan(0)
  })

  it.each([
    ['cutover', ['stop-mirror', 'stop-producers', 'stop-dam', 'start-producers']],
    ['cutover-mirror-last', ['close-valve', 'stop-producers', 'stop-dam', 'stop-mirror', 'start-producers']],
  ])('asks in %s for full replicas before each step whose proof a slow follower could delay', async (name, ids) => {
    const migration = loadMigration('deploy/migration.yaml', readFileSync('deploy/migration.yaml', 'utf8'))
    const { steps } = await createRunbooks('runbooks', gates, actions, migration).load(name)
    const asking = steps.filter(({ think }) => think.some(({ gate }) => gate === 'replicas-full')).map(({ id }) => id)
    expect(asking).toEqual(expect.arrayContaining(ids))
    const comparing = steps.filter(({ think }) => think.some(({ gate }) => ['caught-up', 'tails-equal'].includes(gate)))
    expect(asking).toEqual(expect.arrayContaining(comparing.map(({ id }) => id)))
  })

  it('takes no password in an address: addresses stand in messages and in the log', () => {
    const text = readFileSync('deploy/migration.yaml', 'utf8').replace(
      'http://connect-old',
      'http://floodgate:open-sesame@connect-old',
    )
    const load = () => loadMigration('migration.yaml', text)
    expect(load).toThrow(/valve\.source\.url: expected an address without user and password/)
    expect(load).not.toThrow(/open-sesame/)
  })
})
