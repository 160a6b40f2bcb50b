/** What a reader can tell of a record's value without knowing its schema. */
export type Form =
  | { readonly form: 'JSON' | 'text' | 'binary' | 'tombstone' }
  /** The wire format of schema registries: a zero byte, then the schema's id. */
  | { readonly form: 'schema'; readonly id: number }

export function formOf(value: Buffer | null): Form {
  if (value === null) return { form: 'tombstone' }
  if (value.length >= 5 && value[0] === 0) return { form: 'schema', id: value.readInt32BE(1) }
  const text = textOf(value)
  if (text === undefined) return { form: 'binary' }
  return { form: isComposite(parsed(text)) ? 'JSON' : 'text' }
}

/** The names and kinds of fields, without a single value of theirs. */
export function shapeOf(value: Buffer | null): string {
  const { form } = formOf(value)
  if (value === null) return 'tombstone'
  if (form !== 'JSON') return `${form}, ${value.length} bytes`
  return kindOf(parsed(value.toString()), 3)
}

export function textOf(value: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(value)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what no text has tells it from bytes
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isComposite = (value: unknown): value is object => typeof value === 'object' && value !== null

function kindOf(value: unknown, depth: number): string {
  if (Array.isArray(value))
    return `[${value.length}${value.length > 0 && depth > 0 ? ` ${kindOf(value[0], depth - 1)}` : ''}]`
  if (!isComposite(value)) return value === null ? 'null' : typeof value
  if (depth === 0) return '{…}'
  return `{${Object.entries(value)
    .map(([name, of]) => `${name}: ${kindOf(of, depth - 1)}`)
    .join(', ')}}`
}
