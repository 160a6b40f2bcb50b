import { expect, it } from '@jest/globals'
import { historyIn, valveFaults, valveSettings } from '../../src/proof/valve-config.js'

const file = { 'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector' }
const postgres = {
  'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
  'topic.prefix': 'shop',
  'slot.name': 'floodgate',
}
const mysql = { 'connector.class': 'io.debezium.connector.mysql.MySqlConnector', 'topic.prefix': 'shop' }

it.each([
  { name: 'two alike', opened: postgres, other: postgres, found: [] },
  { name: 'of another kind', opened: file, other: postgres, found: ['class'] },
  { name: 'under another name', opened: { ...mysql, 'topic.prefix': 'x' }, other: mysql, found: ['name'] },
  {
    name: 'of an older Debezium, by the same name',
    opened: mysql,
    other: { 'connector.class': mysql['connector.class'], 'database.server.name': 'shop' },
    found: [],
  },
  { name: 'from another slot', opened: { ...postgres, 'slot.name': 'x' }, other: postgres, found: ['slot'] },
  {
    name: 'whose slot goes as it stops',
    opened: postgres,
    other: { ...postgres, 'slot.drop.on.stop': 'true' },
    found: ['slot'],
  },
  { name: 'taken for rewindable', opened: postgres, other: postgres, rewindable: true, found: ['rewindable'] },
  { name: 'that reads a binlog again', opened: mysql, other: mysql, rewindable: true, found: [] },
  { name: 'that always reads all', opened: { ...mysql, 'snapshot.mode': 'always' }, other: mysql, found: ['snapshot'] },
  {
    name: 'that ends with its snapshot',
    opened: { ...mysql, 'snapshot.mode': 'initial_only' },
    other: mysql,
    found: ['snapshot'],
  },
  { name: 'by another plugin', opened: { ...postgres, 'plugin.name': 'pgoutput' }, other: postgres, found: ['slot'] },
  { name: 'of fewer tables', opened: { ...mysql, 'table.include.list': 'a' }, other: mysql, found: ['tables'] },
  {
    name: 'of the same tables in another order, by an older name',
    opened: { ...mysql, 'table.include.list': 'a, b' },
    other: { ...mysql, 'table.whitelist': 'b,a' },
    found: [],
  },
  {
    name: 'that leaves a column out',
    opened: { ...mysql, 'column.exclude.list': 'a.b' },
    other: mysql,
    found: ['tables'],
  },
  { name: 'that skips deletes', opened: { ...mysql, 'skipped.operations': 'd' }, other: mysql, found: ['tables'] },
  {
    name: 'of another database, and other records',
    opened: { ...postgres, 'database.dbname': 'new', 'tombstones.on.delete': 'false' },
    other: { ...postgres, 'database.dbname': 'old' },
    found: ['database', 'form'],
  },
  {
    name: 'with defaults said aloud',
    opened: { ...postgres, 'decimal.handling.mode': 'precise', 'publication.name': 'dbz_publication' },
    other: postgres,
    found: [],
  },
  {
    name: 'with transforms in another order',
    opened: { ...mysql, transforms: 'a,b' },
    other: { ...mysql, transforms: 'b,a' },
    found: ['form'],
  },
  {
    name: 'with another transform under the same name',
    opened: { ...mysql, transforms: 'a', 'transforms.a.type': 'X' },
    other: { ...mysql, transforms: 'a', 'transforms.a.type': 'Y' },
    found: ['form'],
  },
  { name: 'keyed otherwise', opened: { ...mysql, 'message.key.columns': 'a:b' }, other: mysql, found: ['form'] },
  {
    name: 'that hears signals',
    opened: { ...mysql, 'signal.data.collection': 'a.s' },
    other: mysql,
    found: ['signals'],
  },
  { name: 'a file, rewindable', opened: file, other: file, rewindable: true, found: [] },
])('a valve is set up as the other is: $name', ({ opened, other, rewindable = false, found }) => {
  expect(valveFaults(opened, other, { rewindable }).map(({ reason }) => reason)).toEqual(found)
})

it('says what differs by what it means, and what a setting is that is not set', () => {
  const [fault, ...more] = valveFaults(
    { ...mysql, 'table.exclude.list': 'a', 'skipped.operations': 'none', 'database.password': 'x' },
    { ...mysql, 'database.password': 'y' },
    { rewindable: false },
  )
  expect(more).toEqual([])
  expect(fault?.text).toBe(
    "it reads other rows: table.exclude.list is a, the other's not set; skipped.operations is none, the other's not set (t). Make them the same",
  )
  expect(valveSettings.filter((key) => /password|user|secret/.test(key))).toEqual([])
})

it('finds a schema history by its old name too', () => {
  expect(historyIn(postgres)).toBeUndefined()
  expect(
    historyIn({ 'database.history.kafka.topic': 'h', 'database.history.kafka.bootstrap.servers': 'a:1, b:2' }),
  ).toEqual({ topic: 'h', bootstrap: ['a:1', 'b:2'] })
})
