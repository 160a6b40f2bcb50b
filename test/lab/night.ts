import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startBot } from '../../lab/demo/bot.js'
import { upLab } from '../../lab/index.js'
import { connectLedger } from '../../lab/ledger/index.js'
import { settled } from '../../lab/ledger/settled.js'
import { waitFor } from '../../lab/readiness.js'
import { createSlackPerson } from '../../lab/slack/client.js'
import { createSlackControl } from '../../lab/slack/control.js'
import { createStarted } from '../../lab/started.js'
import type { LabOptions } from '../../lab/types.js'
import { createLogStore, createScratch, keys } from '../../src/connect/redis/index.js'
import { createLog } from '../../src/log/submit.js'
import type { Entry } from '../../src/run/events.js'
import type { LagNow } from '../../src/run/live.js'
import { currentStep, type Run, type State } from '../../src/run/state.js'
import { type Button, buttonsIn } from './night-buttons.js'

/** A whole lab, the bot as a process of its own, people who click in Slack, and the log and the ledger to judge them all by. */
export type Night = Awaited<ReturnType<typeof startNight>>

/** What a run must come to. */
export const exactlyOnce = { lost: 0, duplicated: 0, unknown: 0 }
/** For one run and its judgement, also on a busy machine. */
export const runWithinMs = 600_000

export async function startNight(options: Pick<LabOptions, 'source' | 'target' | 'kubernetes'>) {
  const folder = await mkdtemp(join(tmpdir(), 'floodgate-night-'))
  const begun = performance.now()
  const say = (text: string) =>
    process.stdout.write(`night: ${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${text}\n`)
  const started = createStarted()
  const lab = started.keep(await upLab({ folder, brokers: 1, rate: 20, ...options }, say))
  const { description } = lab
  const { slack } = description
  const redis = new Redis(description.redis.url)
  const log = createLog(createLogStore<Entry>(redis, keys('shop').log), () => {})
  const lag = createScratch<LagNow>(redis, keys('shop').live, 60)
  const ledger = connectLedger(description.ledger.url)
  const bot = started.keep(
    await startBot(description).catch(async (error) => {
      await started.stop()
      throw error
    }),
  )
  say('the bot listens')
  const person = (name: string) =>
    createSlackPerson(slack.page, slack.people.find((one) => one.name.startsWith(name))!.id)
  const people = { alice: person('Alice'), bob: person('Bob'), carol: person('Carol'), dana: person('Dana') }

  /** Looks at the log again and again until something is so. */
  async function until<T>(
    what: string,
    find: (state: State, entries: readonly Entry[]) => T | undefined | false,
    withinMs = 120_000,
  ): Promise<T> {
    const found = await waitFor(
      async () => {
        const [entries, { state }] = [await log.entries(), await log.load()]
        return find(state, entries) || undefined
      },
      withinMs,
      200,
    )
    if (found !== undefined) return found
    const { run } = (await log.load()).state
    throw new Error(
      `${what}: not seen within ${withinMs / 1000} s. ${JSON.stringify(run && currentStep(run), null, 1)}`,
    )
  }

  /** Clicks whatever is asked, all clickers at the same moment, until the run has ended or come far enough; throws when it cannot go on. */
  async function approveAll(clickers = [people.bob], isFarEnough: (run: Run) => boolean = () => false): Promise<Run> {
    const clicked = new Set<string>()
    const next = async (): Promise<Run | Button | undefined> => {
      const { run } = (await log.load()).state
      if (run && (run.phase.is === 'finished' || run.phase.is === 'closed' || isFarEnough(run))) return run
      const step = run && currentStep(run)
      if (step?.phase.is === 'failed') throw new Error(`${step.id} failed: ${step.phase.why}`)
      if (run?.held) throw new Error(`held: ${run.held.gates.map((gate) => gate.text).join(' ')}`)
      const buttons = buttonsIn(await people.alice.state())
      return buttons.find(({ label, identity }) => /^(Approve|Yes)$/.test(label) && !clicked.has(identity))
    }
    for (;;) {
      const asked = await waitFor(next, runWithinMs, 200)
      if (!asked) throw new Error(`Nobody was asked anything within ${runWithinMs / 1000} s.`)
      if ('phase' in asked) return asked
      clicked.add(asked.identity)
      say(`${asked.label}: ${asked.title}`)
      const who = asked.label === 'Yes' ? [people.dana] : clickers
      const clicks = await Promise.allSettled(who.map((one) => one.click(asked.message, asked.actionId)))
      // The button may be gone before the last of them clicks, and before the first where the run was turned back meanwhile; if not, it must be found.
      const isThere = buttonsIn(await people.alice.state()).some(({ identity }) => identity === asked.identity)
      if (isThere && clicks.every(({ status }) => status === 'rejected'))
        throw (clicks[0] as PromiseRejectedResult).reason
    }
  }

  /** Types the command and waits for the run that it begins. */
  async function ask(command: string): Promise<void> {
    const fromMs = Date.now()
    const past = (await log.load()).state.past.length
    say(`/migrate ${command}`)
    await people.alice.command(`/migrate ${command}`)
    await until('the run', ({ run, past: ended }) => run && (ended.length > past || run.startedAt >= fromMs - 1000))
  }

  /** Everything acked until now came through, and how often. */
  const judged = async (fromMs: number) => settled(ledger, { fromMs, untilMs: Date.now() }, 120_000)

  async function judgedOf(run: Run, fromMs: number) {
    const judgement = await judged(fromMs)
    say(`${run.id} ${run.phase.is}: ${stepsPassed(run)}, lost ${judgement.lost}, duplicated ${judgement.duplicated}`)
    return judgement
  }

  return {
    description,
    slack: createSlackControl(slack.page),
    people,
    limits: lab.limits,
    bot,
    log,
    redis,
    redisServer: lab.redis,
    say,
    until,
    ask,
    approveAll,
    judged,
    /** Waits until the bot has looked at the clusters after that moment: it lives, and could have acted. */
    async looksOnAfter(at: number) {
      const look = async () => {
        const sampled = await lag.get('lag')
        return sampled && sampled.at > at ? true : undefined
      }
      if (!(await waitFor(look, 120_000, 200))) throw new Error('The bot takes no samples any more.')
    },
    /** Asks for a run, has it approved to its end, and has the ledger judged. */
    async run(command: string, clickers = [people.bob]) {
      const fromMs = Date.now()
      await ask(command)
      const run = await approveAll(clickers)
      return { run, judgement: await judgedOf(run, fromMs) }
    },
    /** Asks for a run, has its first steps approved and done, and then rolls it back to its end: before the pivot by undo, from it on by the rollback runbook. */
    async runAndTurnBack(command: string, steps: number) {
      const fromMs = Date.now()
      await ask(command)
      const cut = await approveAll([people.bob], (run) => run.steps[steps - 1]?.phase.is === 'passed')
      say(`/migrate rollback, after ${stepsPassed(cut)}`)
      await people.alice.command('/migrate rollback it was enough')
      await until('the way back', ({ run }) => run && (run.id !== cut.id || run.steps.some((step) => step.undoOf)))
      const run = await approveAll()
      return { run, judgement: await judgedOf(run, fromMs) }
    },
    async stop() {
      redis.disconnect()
      await ledger.close()
      await started.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** `9/9`: as the board counts them. */
export function stepsPassed(run: Run): string {
  return `${run.steps.filter((step) => step.phase.is === 'passed').length}/${run.steps.length}`
}
