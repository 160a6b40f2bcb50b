import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { loadMigration } from '../../src/config/load.js'

const shipped = parse(readFileSync('deploy/migration.yaml', 'utf8'))
const load = (mirror: object) => loadMigration('migration.yaml', stringify({ ...shipped, mirror })).mirror
const source = 'old->new.MirrorSourceConnector'

describe('the mirror in migration.yaml', () => {
  it('is reached by the REST interface of Kafka Connect', () => {
    expect(load({ url: 'http://connect:8083', source })).toEqual({
      url: 'http://connect:8083',
      source,
      alias: { source: 'source', target: 'target' },
    })
  })

  it('or by its KafkaMirrorMaker2, which is stopped by its state if nothing else is said', () => {
    expect(load({ resource: { name: 'mm2' }, source })).toMatchObject({
      url: 'kafkamirrormaker2:mm2',
      resource: {
        name: 'mm2',
        side: 'target',
        version: 'v1beta2',
        stop: 'stopped',
        offsets: 'mirrormaker2-cluster-offsets',
      },
    })
  })

  it.each([
    ['neither', { source }],
    ['both', { url: 'http://connect:8083', resource: { name: 'mm2' }, source }],
  ])('and never by %s', (_, mirror) => {
    expect(() => load(mirror)).toThrow(/migration\.yaml:\d+: mirror: expected url .* or resource .* one of them only/)
  })

  it('names the topic of its positions where Kafka Connect is too old to say them', () => {
    expect(load({ url: 'http://connect:8083', offsets: 'connect-offsets', source })).toMatchObject({
      offsets: 'connect-offsets',
    })
    expect(() => load({ resource: { name: 'mm2' }, offsets: 'connect-offsets', source })).toThrow(/resource\.offsets/)
  })

  it('says in which ways it can be stopped', () => {
    expect(() => load({ resource: { name: 'mm2', stop: 'kill' }, source })).toThrow(
      /mirror\.resource\.stop.*"stopped"\|"paused"\|"replicas"/,
    )
  })
})
