import { describe, expect, it } from '@jest/globals'
import { adopt } from '../../src/actions/adopt.js'
import { encodeNote } from '../../src/actions/note.js'
import type { Side } from '../../src/config/migration.js'
import { createHeads } from '../../src/jobs/heads.js'
import { createLostHeads } from '../../src/log/lost-heads.js'
import { withSafeRuns } from '../../src/log/real-runs.js'
import type { Log } from '../../src/log/submit.js'
import type { PersonCommand } from '../../src/run/commands.js'
import type { Entry } from '../../src/run/events.js'
import { emptyState, type State } from '../../src/run/state.js'
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

describe('a log that was lost while its head stands on a side', () => {
  const note = { version: '7', head: 'h' }
  const entry = (version: number, hash: string) => ({ version, hash }) as Entry
  const start = (rollback: string | null, mode = 'real') =>
    ({ do: 'start', mode, runbook: { rollback } }) as unknown as PersonCommand

  function bot(entries: readonly Entry[], sides: Partial<Record<Side, Record<string, string> | 'silent'>>) {
    const last = entries.at(-1)
    const state: State = { ...emptyState, version: last?.version ?? 0, head: last?.hash ?? '' }
    const puts: string[] = []
    const notesOf = (side: Side) => ({
      get: async () => {
        const data = sides[side]
        if (data === 'silent') throw new Error('no answer')
        return data && { data, resourceVersion: '1' }
      },
      put: async () => {
        puts.push(side)
      },
    })
    const warnings: string[] = []
    const deps = {
      log: {
        load: async () => ({ state, now: 0 }),
        after: async (version: number) => entries.filter((one) => one.version > version),
      },
      notes: { source: notesOf('source'), target: notesOf('target') },
      migration: 'shop',
      fact: async () => undefined,
      warn: (text: string) => {
        warnings.push(text)
      },
    }
    const log = { submit: async () => ({ events: [], state }) } as unknown as Log
    const noted = async (side: Side) => (await deps.notes[side].get())?.data
    const lostHeads = createLostHeads({ log: deps.log, noted, name: 'floodgate-shop' })
    return { ...withSafeRuns(log, lostHeads), heads: createHeads(deps), warnings, puts }
  }
  const whole = Array.from({ length: 9 }, (_, i) => entry(i + 1, i + 1 === 7 ? 'h' : `h${i + 1}`))

  it.each([
    ['is empty', [], { source: note, target: note }, /on the source and the target holds head 7/],
    ['has begun anew', whole.map((one) => entry(one.version, `x${one.version}`)), { target: note }, /on the target/],
    ['is shorter', whole.slice(0, 5), { source: 'silent', target: note }, /\/migrate adopt .*kubectl delete configmap/],
  ] as const)('begins no real run where it %s', async (_, entries, sides, said) => {
    const { submit } = bot(entries, sides)
    expect(await submit(start('rollback'))).toMatchObject({ code: 'unsafe-log', refused: expect.stringMatching(said) })
    expect(await submit(start('rollback', 'rehearsal'))).toHaveProperty('events')
    // Taking it over is a run itself.
    expect(await submit(start(null))).toHaveProperty('events')
  })

  it.each([
    ['no head stands', [], {}],
    ['it holds that head', whole, { source: note, target: note }],
    ['neither side can be asked', whole, { source: 'silent', target: 'silent' }],
  ] as const)('begins one where %s', async (_, entries, sides) => {
    expect(await bot(entries, sides).submit(start('rollback'))).toHaveProperty('events')
  })

  it('tells it in the log of the bot as soon as it runs, and leaves what stands there', async () => {
    const { heads, warnings, puts } = bot([], { source: note })
    await heads()
    expect(warnings).toEqual([
      expect.stringMatching(/on the source: it holds head 7 of a log that Redis does not hold/),
    ])
    expect(puts).toEqual([])
  })
})
