import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cacheFolder } from '../../cache.js'
import { LabError } from '../../errors.js'
import type { Progress } from '../../types.js'
import { withLock } from './lock.js'

const version = 'v1.33.13'
const stamp = 'k8s.io/component-base/version'
/** Unoptimized and without symbols: the compiler needs 7 minutes instead of 11. */
const flags = [
  '-trimpath',
  '-buildvcs=false',
  '-gcflags=all=-N -l -dwarf=false',
  `-ldflags=-s -w -X ${stamp}.gitVersion=${version} -X ${stamp}.gitMajor=1 -X ${stamp}.gitMinor=33`,
]
const usualMinutes = 8

/** The API server's binary, from the cache, or compiled into it: once for each state of its sources, by one process at a time. */
export async function apiServerBinary(sources: string, env: NodeJS.ProcessEnv, progress: Progress): Promise<string> {
  const cache = cacheFolder(env, 'kubernetes')
  const binary = join(cache, `apiserver-${await digestOf(sources)}`)
  if (existsSync(binary)) return binary
  await mkdir(cache, { recursive: true })
  await withLock(
    join(cache, 'building.lock'),
    () => progress('another lab compiles the API server; waiting for it'),
    async () => {
      if (existsSync(binary)) return
      const unfinished = join(cache, `apiserver-unfinished-${process.pid}`)
      const goCache = join(cache, 'go-build')
      const goEnv = { ...env, GOCACHE: goCache, GOFLAGS: '-mod=readonly', GOGC: '800', CGO_ENABLED: '0' }
      try {
        await compile(sources, unfinished, goEnv, progress)
        await rename(unfinished, binary)
      } finally {
        await rm(unfinished, { force: true })
      }
      // Two gigabytes that nothing needs any more.
      await rm(goCache, { recursive: true, force: true })
    },
  )
  return binary
}

async function compile(sources: string, output: string, env: NodeJS.ProcessEnv, progress: Progress): Promise<void> {
  progress('fetching the sources of the API server (about 100 MB)')
  let packages = 0
  await go(['list', '-deps', '.'], sources, env, () => {
    packages += 1
  })
  const started = performance.now()
  let compiled = 0
  const say = () => {
    const minutes = Math.floor((performance.now() - started) / 60_000)
    progress(
      `compiling the API server, once: ${minutes} min of about ${Math.max(usualMinutes, minutes + 1)} (${compiled} of ${packages} packages)`,
    )
  }
  say()
  const saying = setInterval(say, 15_000)
  try {
    await go(['build', '-v', ...flags, '-o', output, '.'], sources, env, () => {
      compiled += 1
    })
  } finally {
    clearInterval(saying)
  }
}

/** Runs go and counts its lines; the last ones are the error's text if it fails. */
function go(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, onLine: () => void): Promise<void> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'go', ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const last: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      onLine()
      last.push(line)
      if (last.length > 15) last.shift()
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(missing('setpriv (package util-linux)', error)))
    child.once('close', (code) => {
      if (code === 0) resolve()
      else if (code === 127) reject(missing('go, version 1.24 or newer,'))
      else
        reject(
          new LabError(
            'not-ready',
            `the API server cannot be built; \`go ${args[0]}\` in ${cwd} ended with ${code}:\n${last.join('\n')}\nThe lab runs without it: choose --kubernetes embedded.`,
          ),
        )
    })
  })
}

function missing(what: string, cause?: unknown): LabError {
  return new LabError(
    'missing-program',
    `${what} is needed to build the API server: install it, or choose --kubernetes embedded`,
    { cause },
  )
}

async function digestOf(sources: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([flags, process.arch]))
  for (const name of (await readdir(sources)).sort()) hash.update(name).update(await readFile(join(sources, name)))
  return hash.digest('hex').slice(0, 12)
}
