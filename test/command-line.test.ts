import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { createCommandLine } from '../src/command-line.js'
import { createSwapHash, keys } from '../src/connect/redis/index.js'
import { planLines } from '../src/jobs/plan.js'
import { wholeness } from '../src/log/chain.js'
import type { Person } from '../src/run/events.js'
import { chapterOf, reportOf } from '../src/run/report.js'
import { reportMarkdown } from '../src/run/report-text.js'
import { createAnnounce } from '../src/slack/announce/index.js'
import { briefLines } from '../src/slack/messages/brief.js'
import { messages } from '../src/slack/messages/index.js'
import { Estate, rollbackSteps, testMigration, threeSteps } from './estate.js'
import { alice, bob, carol, eve, night } from './night.js'
import { startRedis } from './redis.js'
import { startLab } from './slack/lab.js'

/** A night on which Slack answers nothing: people speak to the log by the command line, the engine goes on, and the channel stays empty. */
describe('a whole run by the command line while Slack is down', () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  let redis: Redis
  let lab: Awaited<ReturnType<typeof startLab>>
  beforeAll(async () => {
    ;[server, lab] = await Promise.all([startRedis(), startLab()])
    redis = new Redis(server.url)
  })
  afterAll(async () => {
    redis.disconnect()
    await Promise.all([server.stop(), lab.stop()])
  })

  it('is asked for, approved, stopped, resumed and told; when Slack returns the channel is brought up to date once, in order', async () => {
    const estate = new Estate(['a', 'b', 'c'])
    const engine = night(redis, estate)
    const { log } = engine
    const load = async (name: string) => estate.runbook(name === 'rollback' ? rollbackSteps : threeSteps)
    const told = async (run: string | null) => {
      const chapter = chapterOf(await log.entries(), run)
      return chapter && reportOf(chapter, {})
    }
    const { operators } = testMigration.roles
    const migration = { ...testMigration, roles: { operators: { ...operators!, groups: ['S1'] } } }
    const saying = (by: Person) =>
      createCommandLine({
        log,
        migration,
        bot: '0',
        whoAmI: async () => ({ ...by, via: 'cli' }),
        runbook: load,
        kpis: async () => undefined,
        plan: async (runbook) => {
          const { state, now } = await log.load()
          const doers = { gates: estate.gates, gateDeps: estate, actions: estate.actions, actionDeps: estate }
          return planLines(doers, runbook, testMigration, state, now, async () => undefined)
        },
        ready: async () => {
          throw new Error('not asked here')
        },
        answers: () => ({
          verify: async () => wholeness(await log.entries(), [], []),
          brief: async () => briefLines((await log.load()).state, await told(null), Date.now()),
          report: async (run) => {
            const report = await told(run)
            return report && { name: 'report.md', text: reportMarkdown(report) }
          },
          pack: async () => ({ name: 'break-glass.txt', text: 'WAY ON' }),
        }),
      })
    const [asAlice, asBob, asCarol, asEve] = [alice, bob, carol, eve].map(saying) as [Says, Says, Says, Says]

    let ahead = 0
    const announce = createAnnounce({
      web: lab.webOf(() => Date.now() + ahead),
      shown: createSwapHash(redis, keys('test').shown),
      drawing: { png: async () => null, words: async () => null },
      file: async () => null,
      migration: 'test',
      channel: lab.description.channel,
      log: () => {},
      now: () => Date.now() + ahead,
      render: async () => {
        const { state, now } = await log.load()
        return { version: state.version, messages: messages(state, null, null, now) }
      },
    })
    const channel = async () =>
      (await lab.messages()).flatMap(({ metadata, text }) =>
        metadata?.event_payload.migration === 'test' ? [{ key: String(metadata.event_payload.key), text }] : [],
      )

    await lab.fault({ method: '*', answer: 503 })
    expect((await asAlice('plan night')).text).toContain('1. Stop a and b: 2 changes (2 set): set a to 0; set b to 0')
    expect(await asEve('cutover night')).toMatchObject({
      failed: true,
      text: expect.stringContaining('Only people of a role'),
    })
    expect((await asAlice('cutover night')).text).toMatch(
      /^Recorded, as Alice\.\nA night in three steps \(run night-1\)/,
    )
    await engine.asked('one')
    expect(await announce()).not.toBe('done')
    const approve = async (as: Says, step: string) =>
      as((await as('approve')).text.match(new RegExp(`approve ${step} \\w+`))?.[0] ?? '')
    expect(await approve(asAlice, 'one')).toMatchObject({
      failed: true,
      text: expect.stringContaining('somebody else must approve'),
    })
    const shown = await asBob('approve')
    expect(shown).toMatchObject({ failed: true, text: expect.stringContaining('- set a to 0') })
    expect(shown.text).toContain('To approve exactly this: approve one')
    expect((await asBob('approve 1 000000')).text).toContain('There is no code 000000')
    expect((await asBob('approve two')).text).toContain('It is not two that asks.')
    expect((await approve(asBob, 'one')).failed).toBe(false)
    await engine.asked('two')
    expect((await asCarol('abort the pager rang')).failed).toBe(false)
    expect((await asBob('status')).text).toContain('Stopped by Carol')
    expect((await asBob('brief')).text).toContain('A person: Resume, Roll back or Close.')
    expect((await asEve('resume')).text).toMatch(
      /which Eve is not in\. The cluster says that you are Eve; --context NAME .* kubeconfig is\. User groups \(S1\) are Slack's and count for nobody on the command line/,
    )
    expect((await asCarol('resume')).failed).toBe(false)
    for (const step of ['two', 'three']) {
      await engine.asked(step)
      await announce()
      expect((await approve(asBob, step)).failed).toBe(false)
    }
    await engine.finished()
    expect(await asCarol('approve')).toMatchObject({ failed: true })
    expect(estate.performed).toEqual(['a=0', 'b=0', 'c=0', 'a=2'])
    expect(await channel()).toEqual([])

    await lab.control('heal', {})
    for (let next = await announce(); next !== 'done'; next = await announce()) ahead += next.againMs
    const posted = await channel()
    expect(posted.map(({ key }) => key)).toEqual([
      'board/night-1',
      'step/night-1/one',
      'step/night-1/two/2',
      'step/night-1/three',
      'report/night-1',
    ])
    expect(posted.at(-1)?.text).toMatch(/3 of 3 steps passed/)

    expect((await asBob('verify')).text).toMatch(/^The log is whole/)
    expect((await asBob('report night-1')).text).toContain('**Bob** (by the command line) approved one')
    expect((await asCarol('rollback it is sick')).text).toContain('run rollback-2')
    const entries = await log.entries()
    expect(
      entries.filter(({ by }) => by.kind === 'person').every(({ by }) => by.kind === 'person' && by.via === 'cli'),
    ).toBe(true)
  })
})

type Says = ReturnType<typeof createCommandLine>
