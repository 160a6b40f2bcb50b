import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from '@jest/globals'
import { freePort } from '../../lab/ports.js'

const from = (first: number) => () => first++

it('hands out no port that another process was handed, until that one is gone', async () => {
  const first = await freePort()
  const program = `let next = ${first}
    const { freePort } = await import('./dist/lab/ports.js')
    console.log(await freePort(() => next++))
    setInterval(() => {}, 1000)`
  const other = spawn('node', ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [said] = await once(other.stdout, 'data')
    const theirs = Number(said)
    expect(theirs).toBeGreaterThan(first)
    expect(await freePort(from(theirs))).toBeGreaterThan(theirs)
    const gone = once(other, 'exit')
    other.kill('SIGKILL')
    await gone
    await expect(freePort(from(theirs))).resolves.toBe(theirs)
  } finally {
    other.kill('SIGKILL')
  }
})
