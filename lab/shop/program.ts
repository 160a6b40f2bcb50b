import { rename } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { bundle } from '../bundler.js'

/** The shop's program in one file: it starts in half the time, and a step that starts pods waits for nothing else. */
export async function shopProgram(): Promise<string> {
  const built = builtProgram()
  const bundled = built.replace(/\.js$/, '.bundle.mjs')
  const fresh = `${bundled}.${process.pid}` // renamed, so that pods of another lab never read half a file
  await bundle({
    entryPoints: [built],
    outfile: fresh,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
    logLevel: 'error',
  })
  await rename(fresh, bundled)
  return bundled
}

/** What tsc built, also when this file itself is run from its TypeScript by a test. */
function builtProgram(): string {
  const here = fileURLToPath(new URL('.', import.meta.url))
  return here.includes('/dist/lab/') ? `${here}app.js` : here.replace(/\/lab\/shop\/$/, '/dist/lab/shop/app.js')
}
