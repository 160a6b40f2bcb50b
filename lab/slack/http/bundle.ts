import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '../../bundler.js'

export interface Page {
  readonly html: string
  readonly js: string
  readonly css: string
}

/** Bundles the page from its sources in memory: about a second, and never older than they are. */
export async function bundlePage(): Promise<Page> {
  const folder = join(repository(import.meta.dirname), 'lab', 'slack', 'page')
  const { outputFiles } = await bundle({
    entryPoints: [join(folder, 'main.tsx')],
    bundle: true,
    minify: true,
    write: false,
    outdir: folder,
    jsx: 'automatic',
    format: 'esm',
    target: 'es2022',
    loader: { '.woff2': 'dataurl' },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  })
  const ending = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? ''
  return { html: await readFile(join(folder, 'index.html'), 'utf8'), js: ending('.js'), css: ending('.css') }
}

/** The pictures of all emoji, by code point. */
export const emojiFolder = dirname(fileURLToPath(import.meta.resolve('@twemoji/svg/2705.svg')))

/** Compiled or not, the sources of the page lie where package.json is. */
function repository(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : repository(dirname(from))
}
