import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type LabProcess, type ProcessPlan, startProcess } from '../../lab/processes.js'
import { logLine, waitFor } from '../../lab/readiness.js'
import { processesOf, processState } from '../../lab/strays.js'

describe('A process of the lab', () => {
  let folder: string
  let started: LabProcess | undefined

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-processes-'))
  })
  afterEach(async () => {
    await started?.kill()
    started = undefined
    await rm(folder, { recursive: true, force: true })
  })

  const shell = (script: string): ProcessPlan => ({
    name: 'trial',
    folder,
    command: 'sh',
    args: ['-c', script],
    ready: logLine(/ready/),
    stopWithinMs: 500,
  })

  it('tells by the end of its log why it did not become ready', async () => {
    await expect(startProcess(shell('echo the port is taken; exit 3'))).rejects.toThrow(
      /trial ended with exit code 3.*the port is taken/s,
    )
  })

  it('is killed when it does not hear SIGTERM, with its children', async () => {
    started = await startProcess(shell('trap "" TERM; sleep 1000 & echo ready; wait; wait'))
    await started.stop()
    expect(processesOf(folder)).toEqual([])
  })

  it('takes along the children that outlive it', async () => {
    started = await startProcess(shell('trap "exit 0" TERM; (trap "" TERM; echo ready; sleep 1000; sleep 1000) & wait'))
    await started.stop()
    expect(processesOf(folder)).toEqual([])
  })

  it('can be paused, resumed and restarted', async () => {
    started = await startProcess(shell('echo ready; exec sleep 1000'))
    const { pid } = started
    started.pause()
    expect(await waitFor(async () => (processState(pid) === 'paused' ? true : undefined), 5_000)).toBe(true)
    started.resume()
    expect(await waitFor(async () => (processState(pid) === 'running' ? true : undefined), 5_000)).toBe(true)
    await started.restart()
    expect(started.pid).not.toBe(pid)
    expect(processState(pid)).toBe('ended')
  })

  it('does not outlive a lab that was killed with -9', async () => {
    const lab = `
      const { startProcess } = await import('${join(process.cwd(), 'dist/lab/processes.js')}')
      const plan = { name: 'trial', folder: '${folder}', command: 'sleep', args: ['1000'], ready: async () => true }
      await startProcess(plan)
      console.log('up')
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', lab], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(parent.stdout, 'data')
    expect(processesOf(folder)).toHaveLength(1)

    parent.kill('SIGKILL')

    expect(await waitFor(async () => (processesOf(folder).length === 0 ? true : undefined), 10_000)).toBe(true)
  })
})
