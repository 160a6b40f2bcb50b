import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createClients } from '../src/clients.js'
import { migrationSchema } from '../src/config/migration.js'
import { testMigration } from './estate.js'

/** As much of an API server as shows where somebody looks; what an operator makes of it is walked in test/connect/strimzi. */
describe("an operator's resource is looked for", () => {
  let folder: string
  let server: Server
  let asked: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-clients-'))
    asked = []
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({ metadata: { generation: 1, resourceVersion: '1' }, spec: { version: '3.9.2', mirrors: [] } }),
      )
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const contexts = ['source', 'target'].map((name) => ({ name, context: { cluster: 'c', user: 'u' } }))
    const config = {
      clusters: [{ name: 'c', cluster: { server: at, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: {} }],
      contexts,
    }
    await writeFile(join(folder, 'kubeconfig'), JSON.stringify(config))
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  })

  const url = (side: string) => `http://${side}.example.org:8083`
  function clientsOf(resource: object) {
    const on = (side: string) => ({ url: url(side), connector: 'intake', resource: { version: 'v1', ...resource } })
    const { mirror: _, ...others } = testMigration
    const migration = migrationSchema.parse({
      ...others,
      mirror: { resource: { name: 'mm2', version: 'v1', ...resource }, source: 'mm2' },
      valve: { kind: 'connect', source: on('source'), target: on('target'), topics: ['orders'] },
    })
    return createClients(migration, { KUBECONFIG: join(folder, 'kubeconfig') })
  }

  it.each([
    ["in the side's namespace where migration.yaml names none", {}, 'shop'],
    ['in the namespace that migration.yaml names', { namespace: 'kafka' }, 'kafka'],
  ])('%s', async (_, resource, namespace) => {
    const clients = clientsOf(resource)
    await clients.connect(url('source')).stop('intake')
    await clients.connect('kafkamirrormaker2:mm2').version()
    const path = `/apis/kafka.strimzi.io/v1/namespaces/${namespace}`
    expect(asked).toEqual([
      `GET ${path}/kafkaconnectors/intake`,
      `PATCH ${path}/kafkaconnectors/intake`,
      `GET ${path}/kafkamirrormaker2s/mm2`,
    ])
    await clients.close()
  })
})
