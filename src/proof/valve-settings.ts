type Settings = Readonly<Record<string, string>>

/** One setting that must say the same on both sides. */
interface Compared {
  readonly key: string
  /** What it was called before: `table.whitelist` up to 1.2, `database.server.name` up to 1.9. */
  readonly older?: string
  /** What it is where it is not set; undefined: nothing. */
  readonly unset?: string
  /** Names or patterns whose order means nothing. */
  readonly list?: true
}

export type Meaning = 'database' | 'tables' | 'form' | 'signals'

/** What decides which rows Debezium reads and what records it makes of them, by meaning. Names and defaults are those of 3.1. */
const compared: Readonly<Record<Meaning, { readonly says: string; readonly settings: readonly Compared[] }>> = {
  database: {
    says: 'it reads another database',
    // Addresses may differ: each side has its own way there.
    settings: [
      { key: 'database.dbname' },
      { key: 'database.names', list: true },
      { key: 'database.pdb.name' },
      { key: 'publication.name', unset: 'dbz_publication' },
      { key: 'publication.autocreate.mode', unset: 'all_tables' },
    ],
  },
  tables: {
    says: 'it reads other rows',
    settings: [
      ...['database', 'schema', 'table', 'column'].flatMap((of): Compared[] => [
        { key: `${of}.include.list`, older: `${of}.whitelist`, list: true },
        { key: `${of}.exclude.list`, older: `${of}.blacklist`, list: true },
      ]),
      { key: 'collection.include.list', list: true },
      { key: 'collection.exclude.list', list: true },
      { key: 'field.exclude.list', list: true },
      { key: 'message.prefix.include.list', list: true },
      { key: 'message.prefix.exclude.list', list: true },
      { key: 'table.ignore.builtin', unset: 'true' },
      // From 2.0 on; before that nothing was skipped.
      { key: 'skipped.operations', unset: 't', list: true },
    ],
  },
  form: {
    says: 'it makes other records of the same rows',
    settings: [
      { key: 'message.key.columns' },
      { key: 'transforms' },
      { key: 'predicates', list: true },
      { key: 'converters', list: true },
      { key: 'tombstones.on.delete', unset: 'true' },
      { key: 'decimal.handling.mode', unset: 'precise' },
      { key: 'time.precision.mode' },
      { key: 'binary.handling.mode', unset: 'bytes' },
      { key: 'interval.handling.mode', unset: 'numeric' },
      { key: 'hstore.handling.mode', unset: 'json' },
      { key: 'bigint.unsigned.handling.mode', unset: 'long' },
      { key: 'money.fraction.digits', unset: '2' },
      { key: 'include.unknown.datatypes', unset: 'false' },
      { key: 'unavailable.value.placeholder', unset: '__debezium_unavailable_value' },
      { key: 'schema.name.adjustment.mode', unset: 'none' },
      { key: 'field.name.adjustment.mode', unset: 'none' },
      { key: 'provide.transaction.metadata', unset: 'false' },
      { key: 'topic.naming.strategy' },
      { key: 'topic.delimiter', unset: '.' },
    ],
  },
  signals: {
    says: 'it hears other signals, which ask for snapshots while it runs',
    settings: [
      { key: 'signal.data.collection' },
      { key: 'signal.enabled.channels', unset: 'source', list: true },
      { key: 'signal.kafka.topic' },
    ],
  },
}

const all = Object.values(compared).flatMap(({ settings }) => settings)
export const comparedSettings: readonly string[] = all.flatMap(({ key, older }) => (older ? [key, older] : [key]))

/** The class of each transform, predicate and converter by its name; the rest of their settings may hold keys, and is not asked for. */
export function namedParts(settings: Settings): readonly string[] {
  const named = (kind: string) => pieces(settings[kind] ?? '')
  return [
    ...['transforms', 'predicates'].flatMap((kind) => named(kind).map((name) => `${kind}.${name}.type`)),
    ...named('converters').map((name) => `${name}.type`),
  ]
}

/** What differs, by what it means; worst first. */
export function differing(opened: Settings, other: Settings): readonly { reason: Meaning; text: string }[] {
  const parts = [...new Set([...namedParts(opened), ...namedParts(other)])].map((key): Compared => ({ key }))
  return (Object.keys(compared) as Meaning[]).flatMap((reason) => {
    const { says, settings } = compared[reason]
    const found = [...settings, ...(reason === 'form' ? parts : [])].filter(
      (one) => meant(one, opened) !== meant(one, other),
    )
    if (found.length === 0) return []
    const each = found.map((one) => `${one.key} is ${said(one, opened)}, the other's ${said(one, other)}`)
    return [{ reason, text: `${says}: ${each.join('; ')}. Make ${found.length === 1 ? 'it' : 'them'} the same` }]
  })
}

const given = ({ key, older }: Compared, settings: Settings) =>
  settings[key] ?? (older === undefined ? undefined : settings[older])

function meant(one: Compared, settings: Settings): string | undefined {
  const value = given(one, settings) ?? one.unset
  return value === undefined ? undefined : (one.list ? pieces(value).sort() : pieces(value)).join() || undefined
}

/** Long lists are told by their beginning; the evidence holds them whole. */
function said(one: Compared, settings: Settings): string {
  const value = given(one, settings)
  if (value !== undefined) return value.length > 60 ? `${value.slice(0, 60)}…` : value || 'empty'
  return one.unset === undefined ? 'not set' : `not set (${one.unset})`
}

const pieces = (value: string): string[] =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
