import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createKafkaConnect } from '../../../src/connect/kafka-connect/kafka-connect.js'
import { createOlderConnect } from '../../../src/connect/kafka-connect/older-connect.js'

// What no Connect of the lab does on demand; the rest is walked on real workers in test/gates.
let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function worker(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server!.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const running = JSON.stringify({
  name: 'valve',
  connector: { state: 'RUNNING' },
  tasks: [{ id: 0, state: 'FAILED', trace: 'x'.repeat(5000) }],
})

const atRest = (state: string) =>
  JSON.stringify({ name: 'valve', connector: { state: 'PAUSED' }, tasks: [{ id: 0, state }] })

describe('Kafka Connect by REST', () => {
  it('pauses a connector where stop is not known yet', async () => {
    const asked: string[] = []
    const url = await worker((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.url?.endsWith('/stop')) response.writeHead(405).end()
      else if (request.url?.endsWith('/status')) response.writeHead(200).end(running)
      else response.writeHead(202).end()
    })
    expect(await createKafkaConnect(url).stop('valve')).toBe('pause')
    expect(asked).toEqual(['PUT /connectors/valve/stop', 'GET /connectors/valve/status', 'PUT /connectors/valve/pause'])
  })

  it('does not take an unknown connector for an old version', async () => {
    const url = await worker((_, response) => response.writeHead(404).end())
    await expect(createKafkaConnect(url).stop('valve')).rejects.toMatchObject({
      code: 'unknown',
      message: expect.stringContaining('valve'),
    })
    expect(await createKafkaConnect(url).status('valve')).toBeUndefined()
  })

  it('waits while the workers rebalance', async () => {
    let asked = 0
    const url = await worker((_, response) =>
      ++asked < 3 ? response.writeHead(409).end() : response.writeHead(202).end(),
    )
    await createKafkaConnect(url).resume('valve')
    expect(asked).toBe(3)
  })

  it('gives up on a silent worker, and says which', async () => {
    const url = await worker(() => undefined)
    await expect(createKafkaConnect(url, 200).status('valve')).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining(url),
    })
    server!.closeAllConnections()
  })

  it('shows neither what a refusal quotes nor a whole trace, and hands out no setting that was not asked for', async () => {
    const url = await worker((request, response) => {
      if (request.url?.endsWith('/status')) response.writeHead(200).end(running)
      else if (request.method === 'GET')
        response.writeHead(200).end(JSON.stringify({ topics: 'a', 'database.password': 'hidden' }))
      else response.writeHead(500).end('{"message":"config database.password=hidden"}')
    })
    const connect = createKafkaConnect(url)
    await expect(connect.resume('valve')).rejects.toMatchObject({ message: expect.not.stringContaining('hidden') })
    expect((await connect.status('valve'))?.tasks[0]?.trace?.length).toBe(600)
    expect(await connect.settings('valve', ['topics', 'absent'])).toEqual({ topics: 'a' })
  })

  it('says so when a task that was to let go still does something, and does not wait for the whole time of an effect', async () => {
    let restarted = false
    const url = await worker((request, response) => {
      restarted ||= request.method === 'POST'
      response.writeHead(200).end(atRest(restarted ? 'RUNNING' : 'PAUSED'))
    })
    let asked = 0
    await expect(createKafkaConnect(url, 4000, () => asked++ * 100).letGo('valve')).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringMatching(/valve at .*task 0 is RUNNING.*try again/),
    })
    expect(asked).toBeLessThan(40)
  })
})

describe('Kafka Connect that takes no offsets by REST', () => {
  it('is given none through its topic once its connector was resumed, however late', async () => {
    let state = 'PAUSED'
    const url = await worker((request, response) => {
      if (request.method === 'PATCH') response.writeHead(405).end()
      else response.writeHead(200).end(atRest(state))
    })
    const written: unknown[] = []
    const kafka = {
      startOffsets: async () => new Map(),
      endOffsets: async () => new Map(),
      scan: async () => [],
      takeOverByKey: async () => ({ append: async (records: readonly unknown[]) => void written.push(...records) }),
    }
    const set = (taken: typeof kafka) =>
      createOlderConnect(url, 'books', taken).setOffsets(
        'valve',
        [{ partition: {}, offset: {} }],
        async () => undefined,
      )
    expect(await set(kafka)).toBe('books')
    expect(written).toHaveLength(1)
    const resumed = async () => {
      state = 'RUNNING'
      return kafka.takeOverByKey()
    }
    await expect(set({ ...kafka, takeOverByKey: resumed })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('valve'),
    })
    expect(written).toHaveLength(1)
  })
})
