import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { migrationSchema } from '../../src/config/migration.js'

const shipped = parse(readFileSync('deploy/migration.yaml', 'utf8'))
const old = { url: 'http://old:8083', connector: 'intake' }
const fresh = { url: 'http://new:8083', connector: 'intake' }
const mistakes = (source: object, target: object, mirror: object = {}) =>
  migrationSchema
    .safeParse({
      ...shipped,
      mirror: { ...shipped.mirror, ...mirror },
      valve: { kind: 'connect', source, target, topics: ['intake'] },
    })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

describe('the workers of valve and mirror in migration.yaml', () => {
  it.each([
    ['each side has its own', old, fresh, {}],
    ['each names its topic', { ...old, offsets: 'books' }, { ...fresh, offsets: 'others' }, {}],
    ['the mirror runs beside the valve on the target', old, { ...fresh, offsets: 'books' }, { url: fresh.url }],
    ['both name the same topic', old, { ...fresh, offsets: 'books' }, { url: fresh.url, offsets: 'books' }],
    ['one worker has a connector for each side', old, { ...old, connector: 'intake-new' }, {}],
  ])('are taken where %s', (_, source, target, mirror) => {
    expect(mistakes(source, target, mirror)).toEqual([])
  })

  it.each([
    [
      'two topics are named of one',
      old,
      { ...fresh, offsets: 'books' },
      { url: `${fresh.url}/`, offsets: 'others' },
      'valve.target: mirror and valve.target are at one address, whose workers keep their offsets in one topic: expected the same offsets, not others and books',
    ],
    [
      'one is to keep its offsets on both sides',
      { ...old, offsets: 'books' },
      { ...old, connector: 'intake-new', offsets: 'books' },
      {},
      'valve.target: valve.source and valve.target are at one address, but on two sides, and books can be on one only',
    ],
    [
      "the mirror's is taken for one of the source",
      { ...old, offsets: 'books' },
      fresh,
      { url: old.url },
      'valve.source: mirror and valve.source are at one address, but on two sides',
    ],
    [
      'one connector is on both sides',
      old,
      old,
      {},
      'valve.target: valve.source and valve.target are the same connector',
    ],
  ])('are refused where %s', (_, source, target, mirror, message) => {
    expect(mistakes(source, target, mirror)).toEqual([expect.stringContaining(message)])
  })
})
