import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type MetricsServer, serveMetrics } from '../../src/metrics/serve.js'
import { createMetrics } from '../../src/metrics/text.js'
import type { Kpis } from '../../src/run/live.js'

const seen: Kpis = {
  at: 1_700_000_000_000,
  side: 'source',
  topics: [{ topic: 'orders "new"', ends: ['130', '7', null], inPerSecond: 12.5, records: 137, bytes: 4096 }],
  groups: [
    {
      group: 'billing',
      state: 'ok',
      records: 30,
      seconds: 2.5,
      outPerSecond: 11,
      committed: { 'orders "new"': ['100', '7', null] },
    },
  ],
}

describe('GET /metrics', () => {
  let kpis: () => Promise<Kpis | undefined>
  let server: MetricsServer
  const warned: Error[] = []
  beforeAll(async () => {
    server = await serveMetrics(
      createMetrics(() => kpis()),
      0,
      (error) => warned.push(error),
    )
  })
  afterAll(() => server.stop())
  const get = (path = '/metrics') => fetch(`http://127.0.0.1:${server.port}${path}`)

  it('is what Prometheus expects, by its own judge', async () => {
    kpis = async () => seen
    const answer = await get()
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const text = await answer.text()
    const judged = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    const complaints = `${judged.stdout}${judged.stderr}`.split('\n').filter((line) => line.startsWith('floodgate_'))
    expect({ complaints, error: judged.error }).toEqual({ complaints: [], error: undefined })
    expect(judged.stderr).not.toContain('error while linting')
  })

  it('holds offsets, lag, rates and sizes of the side that is active', async () => {
    kpis = async () => seen
    const lines = (await (await get()).text()).split('\n').filter((line) => line.startsWith('floodgate_'))
    const topic = 'topic="orders \\"new\\""'
    expect(lines).toEqual(
      expect.arrayContaining([
        'floodgate_sample_timestamp_seconds{side="source"} 1700000000',
        `floodgate_topic_log_end_offset{side="source",${topic},partition="0"} 130`,
        `floodgate_group_committed_offset{side="source",group="billing",${topic},partition="0"} 100`,
        `floodgate_group_lag_records{side="source",group="billing",${topic}} 30`,
        'floodgate_group_lag_seconds{side="source",group="billing"} 2.5',
        'floodgate_group_out_records_rate{side="source",group="billing"} 11',
        `floodgate_topic_in_records_rate{side="source",${topic}} 12.5`,
        `floodgate_topic_records{side="source",${topic}} 137`,
        `floodgate_topic_size_bytes{side="source",${topic}} 4096`,
      ]),
    )
  })

  it('lets no figure of the other side, or of what is gone, stand on', async () => {
    kpis = async () => seen
    await (await get()).text()
    kpis = async () => ({ ...seen, side: 'target', groups: [], topics: [] })
    const text = await (await get()).text()
    expect(text).not.toContain('side="source"')
    expect(text).toContain('floodgate_sample_timestamp_seconds{side="target"}')
  })

  it('says 503 while Redis is silent, and 404 to anything else', async () => {
    kpis = () => Promise.reject(new Error('Redis is silent'))
    expect((await get()).status).toBe(503)
    expect(warned.map(({ message }) => message)).toEqual(['Redis is silent'])
    expect((await get('/')).status).toBe(404)
  })
})
