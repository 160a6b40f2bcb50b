import { type BuildOptions, type BuildResult, build, type SameShape, stop } from 'esbuild'

let working = 0

/**
 * Bundles by esbuild. Its bundler is one process for all who ask, and it goes when the last work is done: stopped any sooner, it
 * would leave the others waiting for ever.
 */
export async function bundle<T extends BuildOptions>(options: SameShape<BuildOptions, T>): Promise<BuildResult<T>> {
  working++
  try {
    return await build<T>(options)
  } finally {
    working--
    if (working === 0) await stop()
  }
}
