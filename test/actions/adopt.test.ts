import { describe, expect, it } from '@jest/globals'
import { adopt } from '../../src/actions/adopt.js'
import { encodeNote } from '../../src/actions/note.js'
import { testMigration as migration } from '../estate.js'

describe('adopt', () => {
  const plan = async (run: { id: string; runbook: string; phase: string }) => {
    const kept = {
      activeSide: 'target',
      run: { ...run, runbook: { name: run.runbook }, phase: { is: run.phase } },
    } as const
    const data = await encodeNote({ version: 7, head: 'h', kept: { ...kept, past: [], facts: {} } })
    const side = { configMaps: { get: async () => ({ data, resourceVersion: '1' }) } }
    const context = { now: 0, migration, fact: async () => undefined }
    return adopt.plan({ workloads: { source: side, target: side } }, {}, context)
  }

  it('plans to take over what the clusters remember', async () => {
    const { effects } = await plan({ id: 'cutover-3', runbook: 'cutover', phase: 'open' })
    expect(effects.map(({ text }) => text)).toEqual([
      'take over run cutover-3 (open), producers on the target, and no facts, from log version 7 as kept on the source',
    ])
  })

  it('never takes a log over by itself', async () => {
    await expect(plan({ id: 'adopt-1', runbook: 'adopt', phase: 'open' })).rejects.toThrow(/nothing was lost/)
  })
})
