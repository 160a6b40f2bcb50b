import { z } from 'zod'

/** What could not be read from Prometheus, and what to do about it. */
class PrometheusError extends Error {
  override readonly name = 'PrometheusError'

  constructor(
    readonly code: 'unreachable' | 'refused',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

const answerSchema = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
})

export interface PrometheusSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const withinMs = 4000

/** One instant query; a series without a sample in the last five minutes is not in the answer (Prometheus calls it stale). */
export async function queryPrometheus(url: string, query: string): Promise<readonly PrometheusSample[]> {
  const where = new URL('api/v1/query', url.endsWith('/') ? url : `${url}/`)
  where.searchParams.set('query', query)
  const answer = await fetch(where, { signal: AbortSignal.timeout(withinMs) }).catch((cause: unknown) => {
    throw new PrometheusError(
      'unreachable',
      `Prometheus at ${where.host} does not answer. Check the address and the network`,
      {
        cause,
      },
    )
  })
  const read = answer.ok ? answerSchema.safeParse(await answer.json()) : undefined
  if (!read?.success)
    throw new PrometheusError(
      'refused',
      `Prometheus at ${where.host} answered ${answer.status} to the query ${query.slice(0, 80)}. It must be PromQL with an instant vector as its result`,
    )
  return read.data.data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }))
}
