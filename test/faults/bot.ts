import { closeSync, openSync, writeSync } from 'node:fs'
import type { Environment } from '../../src/config/load.js'
import { createAdvance } from '../../src/jobs/advance.js'
import { createAnnounceRound } from '../../src/jobs/announce.js'
import { type Jobs, startJobs } from '../../src/jobs/queues.js'
import { createLog } from '../../src/log/submit.js'
import { currentStep, emptyState } from '../../src/run/state.js'
import { createAnnounce } from '../../src/slack/announce/index.js'
import { createWeb } from '../../src/slack/announce/web.js'
import { createSlackApp, type SlackAppDeps } from '../../src/slack/in/index.js'
import { messages } from '../../src/slack/messages/index.js'
import { createRoles } from '../../src/slack/roles.js'
import { openStores } from '../../src/stores.js'
import { Estate } from '../estate.js'
import type { Blow, Boundary } from './faults.js'
import { migrationIn, type Place, runbookOf } from './model.js'
import { estateOverIpc } from './wire.js'

/** What a bot is told by the test that starts it, in the variable SCENE. */
export interface BotScene extends Place {
  readonly replica: string
  readonly struck: {
    readonly boundary: Boundary
    readonly blow: Blow
    readonly step: string
    readonly once: string
  } | null
}

/**
 * One replica as a process of its own: wired as `src/app.ts` wires it, on the model estate. At the boundary that it is told, once
 * over all replicas, it kills or stops itself, or has its parent do something to Redis or Slack.
 */
const scene = JSON.parse(process.env.SCENE!) as BotScene
const { struck, replica } = scene
const migration = migrationIn(scene)
const warn = (text: string) => process.stderr.write(`${replica}: ${text}\n`)
const onError = (error: Error) => warn(error.message)
process.on('disconnect', () => process.exit(0))

const stores = openStores({ REDIS_URL: scene.redis } as Environment, migration, onError)
let latest = emptyState
let jobs: Jobs | undefined

const unwatched = createLog(
  {
    readAfter: stores.log.readAfter,
    append: (version, entries) =>
      between(
        (b) =>
          b.at === 'append' &&
          entries.some(({ event }) => event.type === b.event && 'step' in event && event.step === struck!.step),
        () => stores.log.append(version, entries),
      ),
  },
  (state) => {
    latest = state
    jobs?.wake('advance')
    jobs?.wake('announce')
  },
)
const log = {
  ...unwatched,
  load: async () => {
    const loaded = await unwatched.load()
    latest = loaded.state
    return loaded
  },
}
const here = () => (latest.run ? currentStep(latest.run) : undefined)
const hasBegun = () => {
  const step = latest.run?.steps.find(({ id }) => id === struck?.step)
  return step !== undefined && step.phase.is !== 'waiting'
}
const apps = estateOverIpc()
const model = new Estate([])
const estate = {
  ...apps,
  setScale: (...args: Parameters<typeof apps.setScale>) =>
    between(
      (b) => b.at === 'effect' && b.when === 'within' && here()?.id === struck!.step,
      () => apps.setScale(...args),
      'within',
    ),
}
const actions = new Map(
  [...model.actions].map(([name, action]) => [
    name,
    {
      ...action,
      perform: (...args: Parameters<typeof action.perform>) =>
        between(
          (b) => b.at === 'effect' && here()?.id === struck!.step,
          () => action.perform(...args),
        ),
    },
  ]),
)
const tokens = { botToken: scene.slack.botToken, apiUrl: scene.slack.api }
/** Words that only look are not said in these nights. */
const notAsked = {} as Omit<
  SlackAppDeps,
  'log' | 'roles' | 'runbook' | 'migration' | 'bot' | 'drawing' | 'web' | 'warn'
>
const drawing = { png: async () => null, words: async () => null }
const roles = createRoles({ people: async () => [], now: Date.now }, migration)
const plainWeb = createWeb(tokens)
const ofStep = (key: string) => key.startsWith('step/') && key.split('/')[2] === struck?.step
const web: typeof plainWeb = {
  ...plainWeb,
  post: (channel, content, label) =>
    between(
      (b) => b.at === 'post' && ofStep(label.key),
      () => plainWeb.post(channel, content, label),
    ),
  update: (place, content, label) =>
    between(
      (b) => b.at === 'update' && label.key.startsWith('board/') && hasBegun(),
      () => plainWeb.update(place, content, label),
    ),
}
const slack = createSlackApp(
  { ...tokens, appToken: scene.slack.appToken },
  { ...notAsked, log, roles, runbook: async (name) => runbookOf(name), migration, bot: '0', drawing, web, warn },
)
const advance = createAdvance({
  log,
  replica,
  gates: model.gates,
  gateDeps: estate,
  actions,
  actionDeps: estate,
  evidence: stores.evidence,
  memory: stores.memory,
  live: stores.live,
  rolesNow: async (people) => new Map([...(await roles.fresh(people))].map(([person, { roles }]) => [person, roles])),
  nonce: () => `${replica}-${process.pid}-${Math.random()}`,
})
const announce = createAnnounce({
  web,
  drawing,
  file: async () => null,
  shown: stores.shown,
  migration: migration.migration,
  channel: migration.channel,
  log: warn,
  now: Date.now,
  render: async () => {
    const { state, now } = await log.load()
    return { version: state.version, messages: messages(state, null, null, now) }
  },
})
/** A step's approvals are being acted on: the rounds of a job that matter most. */
const busy = () => here()?.id === struck?.step && ['confirming', 'acting', 'checking'].includes(here()?.phase.is ?? '')
const round = (job: 'advance' | 'announce', run: () => Promise<number | null>, everyMs: number) => ({
  name: job,
  everyMs,
  run: async () => {
    if (struck?.boundary.at === 'job') await log.load()
    return between((b) => b.at === 'job' && b.job === job && busy(), run)
  },
})
jobs = await startJobs(
  stores.blocking,
  stores.prefix,
  [
    round('advance', advance, 1000),
    round('announce', createAnnounceRound(announce), 1000),
    {
      name: 'sample',
      everyMs: scene.sampleMs,
      run: async () => {
        writeSync(1, `sampled ${Date.now()}\n`)
        return null
      },
    },
  ],
  onError,
)
await slack.start()
writeSync(1, 'ready\n')

/** Does the work, and strikes before or after it when this is where the fault belongs. */
async function between<T>(
  isHere: (boundary: Boundary) => boolean,
  work: () => Promise<T>,
  before: Boundary['when'] = 'before',
): Promise<T> {
  const strikes = (when: Boundary['when']) =>
    struck !== null && struck.boundary.when === when && isHere(struck.boundary) && isFirst(struck.once)
  const struckBefore = strikes(before)
  if (struckBefore) await strike()
  const outcome = await work().finally(() => struckBefore && writeSync(1, 'over\n'))
  if (strikes('after')) {
    await strike()
    writeSync(1, 'over\n')
  }
  return outcome
}

/** Of all replicas and restarts only one is struck: who makes the file. */
function isFirst(once: string): boolean {
  try {
    closeSync(openSync(once, 'wx'))
    return true
  } catch {
    return false
  }
}

async function strike(): Promise<void> {
  writeSync(1, `struck ${Date.now()}\n`)
  const { does } = struck!.blow
  if (does === 'SIGKILL' || does === 'SIGSTOP') {
    process.kill(process.pid, does)
    return
  }
  await new Promise<void>((resolve) => process.on('message', (told) => told === 'struck' && resolve()))
}
