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
import type { Json } from '../../src/runbook/json.js'
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

  it('takes over from the side that knows more, and stands in the place of what both held', async () => {
    const kept = (of: string) => ({ activeSide: 'source', run: { id: of }, past: [], facts: {} }) as const
    const on = async (version: number) => {
      const data = await encodeNote({ version, head: `h${version}`, kept: kept(`cutover-${version}`) })
      return { configMaps: { get: async () => ({ data, resourceVersion: '1' }) } }
    }
    const deps = { workloads: { source: await on(12), target: await on(10) } }
    const context = { now: 0, migration, fact: async () => undefined, stillMine: async () => {} }
    const [effect] = (await adopt.plan(deps, {}, context)).effects
    expect(effect?.text).toMatch(/version 12 as kept on the source; version 10 on the target is left$/)
    const { adopts } = await adopt.perform(deps, effect!, context)
    expect(adopts).toMatchObject({
      head: { version: 12, head: 'h12' },
      heads: [
        { version: 12, head: 'h12' },
        { version: 10, head: 'h10' },
      ],
      adopted: { id: 'cutover-12' },
    })
  })

  it('takes over from another log though this one, which is longer, stands on the other side', async () => {
    const on = async (version: number, run: Json) => {
      const kept = { activeSide: 'source', run, past: [], facts: {} } as const
      const data = await encodeNote({ version, head: `h${version}`, kept })
      return { configMaps: { get: async () => ({ data, resourceVersion: '1' }) } }
    }
    const own = await on(20, { id: 'adopt-2', runbook: { name: 'adopt' }, phase: { is: 'open' } })
    const deps = { workloads: { source: own, target: await on(12, { id: 'cutover-1' }) } }
    const { effects } = await adopt.plan(deps, {}, { now: 0, migration, fact: async () => undefined })
    expect(effects.map(({ after }) => after)).toEqual([{ version: 12, head: 'h12' }])
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

  type Stands = Record<string, string> | 'unreachable' | 'timeout' | 'forbidden' | 'refused'
  function bot(entries: readonly Entry[], sides: Partial<Record<Side, Stands>>, adopted: State['adopted'] = []) {
    const last = entries.at(-1)
    const state: State = { ...emptyState, version: last?.version ?? 0, head: last?.hash ?? '', adopted }
    const puts: string[] = []
    const notesOf = (side: Side) => ({
      get: async () => {
        const data = sides[side]
        if (typeof data === 'string') throw Object.assign(new Error('no answer.'), { code: data })
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
    const submitted: PersonCommand[] = []
    const log = {
      submit: async (command: PersonCommand) => {
        submitted.push(command)
        return { events: [], state }
      },
    } as unknown as Log
    const noted = async (side: Side) => (await deps.notes[side].get())?.data
    const heads = createLostHeads({ log: deps.log, noted, name: 'floodgate-shop' })
    const safe = withSafeRuns(log, { settings: async () => [], heads })
    return { ...safe, heads: createHeads(deps), warnings, puts, submitted }
  }
  const whole = Array.from({ length: 9 }, (_, i) => entry(i + 1, i + 1 === 7 ? 'h' : `h${i + 1}`))

  it.each([
    ['is empty', [], { source: note, target: note }, /on the source and the target holds head 7/],
    ['has begun anew', whole.map((one) => entry(one.version, `x${one.version}`)), { target: note }, /on the target/],
    [
      'is shorter',
      whole.slice(0, 5),
      { source: 'unreachable', target: note },
      /\/migrate adopt .*kubectl delete configmap/,
    ],
    [
      'may be lost, as one side is too slow',
      whole,
      { source: 'timeout', target: note },
      /on the source could not be read, .* no answer\. Try/,
    ],
    [
      'may be lost, as one side refuses',
      whole,
      { source: note, target: 'forbidden' },
      /on the target could not be read/,
    ],
    [
      'may be lost, as one is not there and the other holds nothing',
      [],
      { source: 'unreachable' },
      /on the source could not/,
    ],
    ['may be lost, as one side says something else', [], { source: 'refused' }, /on the source could not be read/],
    [
      'may be lost, as neither side is there',
      whole,
      { source: 'unreachable', target: 'unreachable' },
      /on the source .* on the target/,
    ],
  ] as const)('begins no real run where it %s', async (_, entries, sides, said) => {
    const { submit } = bot(entries, sides)
    expect(await submit(start('rollback'))).toMatchObject({ code: 'unsafe-log', refused: expect.stringMatching(said) })
    expect(await submit(start('rollback', 'rehearsal'))).toHaveProperty('events')
    // Taking it over is a run itself.
    expect(await submit(start(null))).toHaveProperty('events')
  })

  it.each([
    ['a head was lost', whole.slice(0, 5), true],
    ['none was', whole, false],
  ])('tells whoever takes over whether %s', async (_, entries, lost) => {
    const { submit, submitted } = bot(entries, { source: note, target: note })
    await submit({ do: 'start', mode: 'real', runbook: { name: 'adopt', rollback: null } } as unknown as PersonCommand)
    expect(submitted).toEqual([expect.objectContaining({ lost })])
  })

  it('begins one, and keeps its own head on both sides, once it stands in the place of what both held', async () => {
    const taken = [12, 10].map((version) => ({ version, head: `lost ${version}` }))
    const [source, target] = taken.map(({ version, head }) => ({ version: `${version}`, head }))
    const { submit, heads, puts, warnings } = bot(whole, { source: source!, target: target! }, taken)
    expect(await submit(start('rollback'))).toHaveProperty('events')
    await heads()
    expect([puts.toSorted(), warnings]).toEqual([['source', 'target'], []])
  })

  it.each([
    ['no head stands', [], {}],
    ['it holds that head', whole, { source: note, target: note }],
    ['one side is not there and the other holds that head', whole, { source: 'unreachable', target: note }],
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
