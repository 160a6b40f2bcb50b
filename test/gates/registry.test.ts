import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createSchemaRegistry } from '../../src/connect/schema-registry/schema-registry.js'
import { registry } from '../../src/gates/registry.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createLooks, migrationOf } from './look.js'

/** The lab has no registry, so this answers as Confluent’s REST interface does; the records are real. */
function startRegistry(schemas: Record<number, string>, mode?: string): Promise<Server> {
  const server = createServer(({ url = '' }, answer) => {
    const schema = schemas[Number(/\/schemas\/ids\/(\d+)$/.exec(url)?.[1])]
    const body = url.endsWith('/mode') ? mode && { mode } : schema && { schema }
    answer.writeHead(body ? 200 : 404).end(JSON.stringify(body ?? { error_code: 40403 }))
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/apis/ccompat/v7`
const framed = (id: number) => Buffer.concat([Buffer.from([0, 0, 0, 0, id]), Buffer.from('payload')])

describe('schema ids in records', () => {
  let cluster: TestCluster
  const servers: Server[] = []
  beforeAll(async () => {
    cluster = await testCluster('3.9')
    await cluster.createTopic('orders')
    const producer = cluster.app.producer()
    await producer.connect()
    // The last only begins like a schema id: no registry knows 9.
    const values = [framed(7), framed(8), Buffer.from('{"plain":"json"}'), framed(9)]
    await producer.send({ topic: 'orders', messages: values.map((value) => ({ key: 'k', value })) })
    await producer.disconnect()
  }, 120_000)
  afterAll(async () => {
    for (const server of servers) server.close()
    await cluster?.stop()
  })

  const source: Record<number, string> = { 7: '"string"', 8: '"long"' }
  const look = async (target: Record<number, string>, mode?: string, args = {}, known = source) => {
    const [here, there] = [await startRegistry(known), await startRegistry(target, mode)]
    servers.push(here, there)
    const migration = {
      ...migrationOf(['orders'], [{ name: 'shop' }]),
      registry: { source: urlOf(here), target: urlOf(there) },
    }
    const deps = { kafka: { source: cluster.kafka, target: cluster.kafka }, schemaRegistry: createSchemaRegistry }
    return createLooks(deps, migration)(registry, args)
  }

  it('pass where both registries mean the same by them', async () => {
    expect(await look(source)).toMatchObject({ verdict: 'passed', evidence: { ids: 2, mode: null } })
  })

  it('are named where the target has another schema under the id, or none: its readers could not decode them', async () => {
    const found = await look({ 7: '"int"' })
    expect(found).toMatchObject({ verdict: 'failed', reason: 'ids', evidence: { differing: 2 } })
    expect(found.text).toMatch(/7 in orders, 8 in orders/)
  })

  it('may collide while the target registry gives new ones, which it must not before its producers run', async () => {
    expect(await look(source, 'READWRITE', { target: 'read-only' })).toMatchObject({ reason: 'writable' })
    expect(await look(source, 'READONLY', { target: 'read-only' })).toMatchObject({ verdict: 'passed' })
  })

  it('prove nothing where the target registry does not say whether it gives new ones', async () => {
    const found = await look(source, undefined, { target: 'read-only' })
    expect(found).toMatchObject({ verdict: 'inconclusive', reason: 'no-mode' })
  })

  it('prove nothing where the source registry knows none of them: it may be the wrong one', async () => {
    const found = await look(source, undefined, {}, {})
    expect(found).toMatchObject({ verdict: 'inconclusive', reason: 'unknown-ids', evidence: { ids: 0 } })
    expect(found.text).toMatch(/none of the 3 ids .*7 in orders/)
  })
})
