import { describe, expect, it } from '@jest/globals'
import { migrationSchema, ofFlow } from '../../src/config/migration.js'

const side = { kafka: { bootstrap: ['localhost:1'] }, kubernetes: { context: 'c', namespace: 'shop' } }
const migration = {
  migration: 'shop',
  channel: 'C1',
  sides: { source: side, target: side },
  mirror: { url: 'http://localhost:2', source: 'mirror', checkpoint: 'checkpoints' },
  valve: { kind: 'none' },
  topics: ['orders'],
  apps: [
    { name: 'billing', tier: 'downstream', workload: 'Deployment/billing', group: 'billing', consumes: ['orders'] },
  ],
  roles: { operators: { people: [] } },
  policies: { operators: { role: 'operators' } },
}
const canary = {
  mirror: { url: 'http://localhost:2', source: 'canary-mirror', checkpoint: 'canary-checkpoints' },
  topics: ['pings'],
  apps: [{ name: 'ping', tier: 'upstream', workload: 'Deployment/ping', produces: ['pings'] }],
}
const mistakes = (change: object) =>
  migrationSchema
    .safeParse({ ...migration, canary: { ...canary, ...change } })
    .error?.issues.map(({ message }) => message) ?? []

describe('the canary of a migration', () => {
  it('is a migration of its own topics, apps and mirror among the same people and clusters; the rest does without it', () => {
    const read = migrationSchema.parse({ ...migration, canary })
    expect(ofFlow(read, 'canary')).toMatchObject({
      ...canary,
      migration: 'shop',
      valve: { kind: 'none' },
      policies: read.policies,
    })
    expect(ofFlow(read, 'main')).toEqual(migrationSchema.parse(migration))
    expect(ofFlow(migrationSchema.parse(migration), 'canary')).toBeNull()
  })

  it.each([
    ['a topic', { topics: ['pings', 'orders'] }, 'topic orders belongs to the canary and to everything else'],
    ['the mirror', { mirror: migration.mirror }, 'connector mirror belongs'],
    ['an app', { topics: ['orders'], apps: migration.apps }, 'app billing belongs'],
    [
      'a group',
      { apps: [{ ...migration.apps[0], name: 'x', workload: 'Deployment/x', consumes: ['pings'] }] },
      'group billing belongs',
    ],
  ])('may not share %s with everything else', (_, change, text) => {
    expect(mistakes(change).join('\n')).toContain(text)
  })

  it('is read as strictly as the rest', () => {
    expect(mistakes({ apps: [{ ...canary.apps[0], produces: ['orders'] }] })).toEqual([
      'ping: topic orders is not one of topics:',
    ])
  })
})
