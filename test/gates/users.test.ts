import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { aclsCreate } from '../../src/actions/acls-create.js'
import type { Migration, Side } from '../../src/config/migration.js'
import type { Acl } from '../../src/connect/kafka/types.js'
import type { KafkaUser } from '../../src/connect/kubernetes/kafka-users.js'
import { aclsParity } from '../../src/gates/acls-parity.js'
import { startLab } from '../connect/kubernetes-lab.js'
import { createDoing } from './doing.js'
import { guardedCluster, secret } from './guarded.js'
import { createLooks, migrationOf } from './look.js'

const reads = (user: string): Acl => ({
  resource: 'topic',
  name: 'orders',
  pattern: 'literal',
  principal: `User:${user}`,
  host: '*',
  operation: 'read',
  permission: 'allow',
})

describe('users of both sides', () => {
  let source: Awaited<ReturnType<typeof guardedCluster>>
  let target: Awaited<ReturnType<typeof guardedCluster>>
  let lab: Awaited<ReturnType<typeof startLab>>
  const migration: Migration = {
    ...migrationOf(['orders'], [{ name: 'checkout', tier: 'upstream', produces: ['orders'], user: 'shop' }]),
    users: { stay: ['old-*'] },
  }

  beforeAll(async () => {
    ;[source, target, lab] = await Promise.all([guardedCluster('2.8'), guardedCluster('4'), startLab()])
    await source.addScramUser('shop', 'SCRAM-SHA-512')
    await source.addScramUser('legacy', 'SCRAM-SHA-256')
    await source.addScramUser('old-admin', 'SCRAM-SHA-512')
    await source.kafka.addAcls([reads('shop'), reads('legacy'), reads('old-admin')])
    await source.until(async () => (await source.kafka.acls())!.length === 3)
  }, 240_000)
  afterAll(async () => {
    await Promise.all([source?.stop(), target?.stop(), lab?.stop()])
  }, 60_000)

  const kafka = () => ({ source: source.kafka, target: target.kafka })
  const noOperator = async (): Promise<readonly KafkaUser[] | undefined> => undefined
  /** A User Operator owns the users of the target alone. */
  const operatorOnTarget = async (side: Side) =>
    side === 'target' ? lab.workloads.target.kafkaUsers.list('v1', 'new') : undefined
  const post = (name: string, cluster: string, type = 'scram-sha-512') =>
    lab.lab.admin.post('/apis/kafka.strimzi.io/v1/namespaces/shop-target/kafkausers', {
      apiVersion: 'kafka.strimzi.io/v1',
      kind: 'KafkaUser',
      metadata: { name, labels: { 'strimzi.io/cluster': cluster } },
      spec: { authentication: { type }, authorization: { type: 'simple', acls: [] } },
    })

  it('are told by the clusters with how they log in, and without what with', async () => {
    const users = await source.kafka.scramUsers()
    expect(users).toHaveLength(3)
    expect(users).toEqual(
      expect.arrayContaining([
        { user: 'shop', mechanisms: ['SCRAM-SHA-512'] },
        { user: 'legacy', mechanisms: ['SCRAM-SHA-256'] },
      ]),
    )
    expect(await target.kafka.scramUsers()).toEqual([])
  })

  it('are missed where they cannot log in, another mechanism included; who stays is not, nor are that one’s rights', async () => {
    const look = createLooks({ kafka: kafka(), kafkaUsers: noOperator }, migration)
    await createDoing({ kafka: kafka(), kafkaUsers: noOperator }, migration).act(aclsCreate)
    await target.until(async () => (await target.kafka.acls())!.length === 2)
    const missing = await look(aclsParity)
    expect(missing).toMatchObject({
      verdict: 'failed',
      reason: 'users-missing',
      evidence: {
        differing: 2,
        differences: expect.arrayContaining([
          {
            what: 'user shop',
            source: 'SCRAM-SHA-512',
            target: 'no password',
            stays: 'make it by hand: passwords are not told',
          },
        ]),
      },
    })
    expect(JSON.stringify(missing)).not.toContain(secret)

    await target.addScramUser('shop', 'SCRAM-SHA-512')
    await target.addScramUser('legacy', 'SCRAM-SHA-512')
    await target.until(async () => (await target.kafka.scramUsers())!.length === 2)
    expect((await look(aclsParity)).text).toContain(
      '1 user of the source cannot log in on the target: user legacy (SCRAM-SHA-256 / SCRAM-SHA-512',
    )
    await target.addScramUser('legacy', 'SCRAM-SHA-256')
    await target.until(async () => (await look(aclsParity)).verdict === 'passed')
    expect((await look(aclsParity)).text).toContain('2 users with a password of the source can log in on the target')
  })

  it('belong to KafkaUser resources where an operator owns them: nothing is written behind it, the resource is named', async () => {
    await target.kafka.removeAcls([reads('shop'), reads('legacy')])
    await target.until(async () => (await target.kafka.acls())!.length === 0)
    await post('shop', 'new')
    await post('legacy', 'another')
    const owned = {
      ...migration,
      sides: {
        ...migration.sides,
        target: {
          ...migration.sides.target,
          kafkaUsers: { namespace: 'shop-target', cluster: 'new', version: 'v1' as const },
        },
      },
    }
    const deps = { kafka: kafka(), kafkaUsers: operatorOnTarget }
    const found = await createLooks(deps, owned)(aclsParity)
    expect(found).toMatchObject({ verdict: 'failed', reason: 'users-missing', evidence: { differing: 3 } })
    expect(found.text).toContain('apply a KafkaUser legacy')
    expect(found.text).toContain("Strimzi's User Operator owns them there")

    await expect(createDoing(deps, owned).plan(aclsCreate)).rejects.toThrow(
      /Write into namespace shop-target, apply and try again: a new KafkaUser legacy \(allow User:legacy read topic orders\), KafkaUser shop \(/,
    )
    expect(await target.kafka.acls()).toEqual([])

    // Applied, and seen to by the operator.
    await lab.lab.admin.remove('/apis/kafka.strimzi.io/v1/namespaces/shop-target/kafkausers/legacy')
    await post('legacy', 'new')
    await target.kafka.addAcls([reads('shop'), reads('legacy')])
    await target.until(async () => (await createLooks(deps, owned)(aclsParity)).verdict === 'passed')
    expect(await createDoing(deps, owned).plan(aclsCreate)).toEqual([])
  })

  it('are said to be unreadable, with the missing right, where the bot may not list KafkaUsers', async () => {
    const { kafkaUsers } = lab.as('alice@target', 'target')
    const look = createLooks({ kafka: kafka(), kafkaUsers: () => kafkaUsers.list('v1', 'new') }, migration)
    await expect(look(aclsParity)).rejects.toThrow(/Grant verb "list" on "kafkausers" in namespace shop-target/)
  })

  it('have the name that Kafka gives them where they log in by certificate', async () => {
    await lab.lab.admin.post('/apis/kafka.strimzi.io/v1/namespaces/shop-source/kafkausers', {
      apiVersion: 'kafka.strimzi.io/v1',
      kind: 'KafkaUser',
      metadata: { name: 'partner', labels: { 'strimzi.io/cluster': 'old' } },
      spec: { authentication: { type: 'tls-external' } },
    })
    expect(await lab.workloads.source.kafkaUsers.list('v1', 'old')).toEqual([
      { name: 'partner', principal: 'User:CN=partner', authentication: 'tls-external' },
    ])
  })
})
