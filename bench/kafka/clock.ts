import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How long it takes, in seconds. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return (performance.now() - from) / 1000
}

/** So many times, one after the other. */
export async function times<T>(runs: number, work: (run: number) => Promise<T>): Promise<T[]> {
  const found: T[] = []
  for (let run = 0; run < runs; run++) found.push(await work(run))
  return found
}

/** Runs a program to its end and returns what it printed, and tells each line as it comes; throws with its last words where it fails. */
export async function printed(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  told: (line: string) => void = () => {},
): Promise<string> {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let out = ''
  let begun = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    const lines = (begun + text).split('\n')
    begun = lines.pop() ?? ''
    lines.forEach(told)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors}`)
  return out
}
