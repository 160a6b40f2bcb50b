import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, it } from '@jest/globals'
import { startGuard } from '../../lab/kubernetes/kubelet/guard.js'

it('ends the children of a pod’s process too, when the lab dies without a word', async () => {
  const guard = startGuard()
  const container = spawn('sh', ['-c', 'sleep 600 & echo $!; wait'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const [line] = await once(createInterface({ input: container.stdout }), 'line')
  guard.watch(container.pid!)

  // All that the guard ever hears of the lab's death is the end of its input.
  const [ended] = await Promise.all([once(container, 'exit'), guard.stop()])
  expect(ended).toEqual([null, 'SIGKILL'])
  while (isRunning(Number(line))) await new Promise(setImmediate)
})

it('leaves alone what was released', async () => {
  const guard = startGuard()
  const process = spawn('sleep', ['600'], { detached: true })
  await once(process, 'spawn')
  guard.watch(process.pid!)
  guard.release(process.pid!)
  await guard.stop()
  expect(existsSync(`/proc/${process.pid}`)).toBe(true)
  process.kill('SIGKILL')
  expect((await once(process, 'exit'))[1]).toBe('SIGKILL')
})

/** Nobody may be there to bury an orphan: a zombie does not run any more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
