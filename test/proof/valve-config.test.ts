import { expect, it } from '@jest/globals'
import { historyIn, valveFaults } from '../../src/proof/valve-config.js'

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
  { name: 'of fewer tables', opened: { ...mysql, 'table.include.list': 'a' }, other: mysql, found: ['tables'] },
  { name: 'a file, rewindable', opened: file, other: file, rewindable: true, found: [] },
])('a valve is set up as the other is: $name', ({ opened, other, rewindable = false, found }) => {
  expect(valveFaults(opened, other, { rewindable }).map(({ reason }) => reason)).toEqual(found)
})

it('finds a schema history by its old name too', () => {
  expect(historyIn(postgres)).toBeUndefined()
  expect(
    historyIn({ 'database.history.kafka.topic': 'h', 'database.history.kafka.bootstrap.servers': 'a:1, b:2' }),
  ).toEqual({ topic: 'h', bootstrap: ['a:1', 'b:2'] })
})
