import { describe, expect, it } from '@jest/globals'
import { createRoles, rolesOf } from '../../src/slack/roles.js'
import { migrationOf } from './chapters.js'

/** Ann and Bob operate by name, whoever is in S0NIGHT too; Ann owns. */
const migration = {
  ...migrationOf(1),
  people: [
    { name: 'Ann', slack: 'U0ANN', cluster: 'ann@cluster' },
    { name: 'Bob', slack: 'U0BOB' },
  ],
}

function reading(members: string[]) {
  const world = { now: 0, members, reads: 0, broken: '' }
  const people = async () => {
    world.reads += 1
    if (world.broken) throw new Error(world.broken)
    return world.members
  }
  return { world, roles: createRoles({ people, now: () => world.now }, migration) }
}

describe('who is in which role', () => {
  it.each([
    ['U0ANN', ['operators', 'owners']],
    ['ann@cluster', ['operators', 'owners']],
    ['U0BOB', ['operators']],
    ['U0CAROL', ['operators']],
    ['U0EVE', []],
  ])('%s is in %j', (id, roles) => {
    expect(rolesOf(migration, id, new Map([['S0NIGHT', ['U0CAROL']]]))).toEqual(roles)
  })

  it('is read again after a minute, and at once where approvals are about to act', async () => {
    const { world, roles } = reading(['U0CAROL'])
    expect((await roles.of('U0CAROL')).roles).toEqual(['operators'])
    world.members = []
    world.now = 59_000
    expect((await roles.of('U0CAROL')).roles).toEqual(['operators'])
    expect((await roles.fresh(['U0CAROL'])).get('U0CAROL')?.roles).toEqual([])
    world.members = ['U0CAROL']
    expect((await roles.of('U0CAROL')).roles).toEqual([])
    world.now = 120_000
    expect((await roles.of('U0CAROL')).roles).toEqual(['operators'])
  })

  it('counts nobody as a member of a group that cannot be read, and says why; people listed by name still are', async () => {
    const { world, roles } = reading([])
    world.broken = 'plan_upgrade_required'
    const carol = await roles.of('U0CAROL')
    expect(carol.roles).toEqual([])
    expect(carol.unreadable.join()).toContain('plan_upgrade_required')
    expect((await roles.of('U0BOB')).roles).toEqual(['operators'])
  })

  it('does not remember a failure: the next click reads again', async () => {
    const { world, roles } = reading(['U0CAROL'])
    world.broken = 'ratelimited'
    await roles.of('U0CAROL')
    world.broken = ''
    expect((await roles.of('U0CAROL')).roles).toEqual(['operators'])
  })
})
