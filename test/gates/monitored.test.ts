import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { freePort } from '../../lab/ports.js'
import { type LabProcess, startProcess } from '../../lab/processes.js'
import { httpAnswers, waitFor } from '../../lab/readiness.js'
import { queryPrometheus } from '../../src/connect/prometheus/prometheus.js'
import { monitored } from '../../src/gates/monitored.js'
import { createLooks, migrationOf } from './look.js'

/** A real Prometheus that scrapes itself as the source's broker, and somebody who is not there as the target's. */
describe('clusters in Prometheus', () => {
  let folder: string
  let url: string
  let prometheus: LabProcess

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-prometheus-'))
    const [port, nobody] = [await freePort(), await freePort()]
    url = `http://127.0.0.1:${port}`
    const job = (name: string, target: number) =>
      `  - { job_name: ${name}, scrape_interval: 200ms, scrape_timeout: 200ms, static_configs: [{ targets: ['127.0.0.1:${target}'] }] }\n`
    await writeFile(join(folder, 'prometheus.yml'), `scrape_configs:\n${job('source', port)}${job('gone', nobody)}`)
    prometheus = await startProcess({
      name: 'prometheus',
      folder,
      address: `127.0.0.1:${port}`,
      command: 'prometheus',
      args: [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      ready: httpAnswers(`${url}/-/ready`),
    })
    const scraped = async () => ((await queryPrometheus(url, 'up')).length === 2 ? true : undefined)
    expect(await waitFor(scraped, 20_000)).toBe(true)
  }, 60_000)
  afterAll(async () => {
    await prometheus?.kill()
    await rm(folder, { recursive: true, force: true })
  })

  const look = (source: string | null, target = source) => {
    const migration = migrationOf(['orders'], [{ name: 'shop' }])
    const monitoring = source === null ? undefined : { source: { url, query: source }, target: { url, query: target! } }
    return createLooks(
      { prometheus: queryPrometheus },
      { ...migration, ...(monitoring ? { monitoring } : {}) },
    )(monitored)
  }

  it.each([
    [null, undefined, 'undeclared', /give monitoring/],
    [
      'up{job="source"}',
      'up{job="nobody"}',
      'unseen',
      /1 of 1 target up on the source, 0 of 0 targets up on the target/,
    ],
    ['up{job="source"}', 'up', 'down', /1 of 2 targets up on the target/],
  ] as const)('by %s and %s are not monitored: %s', async (source, target, reason, text) => {
    const found = await look(source, target)
    expect(found).toMatchObject({ verdict: 'failed', reason })
    expect(found.text).toMatch(text)
  })

  it('are monitored when each side has samples and all are up', async () => {
    expect(await look('up{job="source"}')).toMatchObject({ verdict: 'passed' })
  })

  it('cannot be judged by what is no instant vector, or where nobody answers', async () => {
    await expect(look('nonsense(')).rejects.toMatchObject({ code: 'refused' })
    expect((await queryPrometheus('http://127.0.0.1:1', 'up').catch((error) => error)).code).toBe('unreachable')
  })
})
