import { z } from 'zod'

/** What a schema registry did not say, and what to do about it. */
class RegistryError extends Error {
  override readonly name = 'RegistryError'

  constructor(
    readonly code: 'unreachable' | 'refused',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Confluent's REST interface, which Apicurio and Karapace speak too. */
export interface SchemaRegistry {
  /** The schema of an id as text; undefined: there is none. */
  schema(id: number): Promise<string | undefined>
  /** READWRITE, READONLY, IMPORT …; undefined where the registry knows no modes. */
  mode(): Promise<string | undefined>
}

const withinMs = 4000
const schemaSchema = z.object({ schema: z.string(), schemaType: z.string().optional() })
const modeSchema = z.object({ mode: z.string() })

export function createSchemaRegistry(url: string): SchemaRegistry {
  const base = new URL(url.endsWith('/') ? url : `${url}/`)

  async function get<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const answer = await fetch(new URL(path, base), { signal: AbortSignal.timeout(withinMs) }).catch(
      (cause: unknown) => {
        throw new RegistryError(
          'unreachable',
          `The schema registry at ${base.host} does not answer. Check the address and the network`,
          { cause },
        )
      },
    )
    if (answer.status === 404) return undefined
    const read = answer.ok ? schema.safeParse(await answer.json()) : undefined
    if (read?.success) return read.data
    throw new RegistryError('refused', `The schema registry at ${base.host} answered ${answer.status} to GET ${path}`)
  }

  return {
    async schema(id) {
      const found = await get(`schemas/ids/${id}`, schemaSchema)
      return found && `${found.schemaType ?? 'AVRO'} ${found.schema}`
    },
    mode: async () => (await get('mode', modeSchema))?.mode,
  }
}
