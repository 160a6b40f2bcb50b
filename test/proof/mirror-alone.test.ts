import { describe, expect, it } from '@jest/globals'
import { meddles } from '../../src/proof/mirror-alone.js'

const flow = { topics: ['pings'], groups: ['canary-pong'] }
const source = 'org.apache.kafka.connect.mirror.MirrorSourceConnector'
const checkpoint = 'org.apache.kafka.connect.mirror.MirrorCheckpointConnector'
const syncs = { 'sync.group.offsets.enabled': 'true' }

describe('another connector beside the mirror', () => {
  it.each([
    ['brings every topic', source, {}, 'x brings pings too: name them in its topics.exclude'],
    ['brings every topic but these', source, { topics: '.*', 'topics.exclude': 'pings' }, null],
    ['brings every topic but these, in the words of 2.4', source, { 'topics.blacklist': 'p.*' }, null],
    ['brings others', source, { topics: 'orders,stock' }, null],
    ['brings one whose name only begins like it', source, { topics: 'ping' }, null],
    ['moves every group', checkpoint, syncs, 'x moves the offsets of canary-pong too: name them in its groups.exclude'],
    ['moves every group but these', checkpoint, { ...syncs, 'groups.exclude': 'canary-.*' }, null],
    ['moves others', checkpoint, { ...syncs, groups: 'billing' }, null],
    ['knows every group and moves none', checkpoint, { groups: '.*' }, null],
    ['is no mirror', 'org.apache.kafka.connect.file.FileStreamSourceConnector', { topics: 'pings' }, null],
  ])('that %s: %s', (_, kind, settings, why) => {
    expect(meddles({ connector: 'x', settings: { 'connector.class': kind, ...settings } }, flow)).toBe(why)
  })
})
