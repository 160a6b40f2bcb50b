import type { Call } from './call.js'

export interface ApiRange {
  readonly key: number
  readonly min: number
  readonly max: number
}

/** ApiVersions v0: which versions of which requests a broker speaks. */
export function apiVersions(): Call<{ error: number; ranges: ApiRange[] }> {
  return {
    name: 'ApiVersions',
    apiKey: 18,
    apiVersion: 0,
    write: () => undefined,
    read: (body) => ({
      error: body.int16(),
      ranges: body.array(() => ({ key: body.int16(), min: body.int16(), max: body.int16() })),
    }),
  }
}
