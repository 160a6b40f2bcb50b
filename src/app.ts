import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { actions } from './actions/index.js'
import { createAnswers } from './answers.js'
import { createAuditing } from './auditing.js'
import { createClients, kubeconfigOf } from './clients.js'
import { ConfigError, type Environment, refuseMistakes } from './config/load.js'
import { type Migration, sides } from './config/migration.js'
import { kafkaSecurity } from './config/secrets.js'
import { createKubernetes } from './connect/kubernetes/index.js'
import { unsafeSettings } from './connect/redis/index.js'
import { gates } from './gates/index.js'
import type { PartitionPlan } from './gates/reading/audit.js'
import { retentionRace } from './gates/retention-race.js'
import { createAdvance } from './jobs/advance.js'
import { createAnnounceRound } from './jobs/announce.js'
import { openAudits, workAudits } from './jobs/audit.js'
import { createHeads } from './jobs/heads.js'
import { planLines } from './jobs/plan.js'
import { type Jobs, startJobs } from './jobs/queues.js'
import { measureReady } from './jobs/ready.js'
import { createSample } from './jobs/sample.js'
import { createWatch } from './jobs/watch.js'
import { serveMetrics } from './metrics/serve.js'
import { createMetrics } from './metrics/text.js'
import { createMonitor } from './monitor/monitor.js'
import { lagPoints } from './monitor/points.js'
import { currentStep, inFlow } from './run/state.js'
import { createRunbooks } from './runbook/files.js'
import { createSafeLog } from './safe-log.js'
import type { Settings } from './settings.js'
import { createDrawing } from './slack/announce/drawing.js'
import { createAnnounce } from './slack/announce/index.js'
import { postOnce } from './slack/announce/once.js'
import { createWeb } from './slack/announce/web.js'
import { createGroupReader } from './slack/in/groups.js'
import { createSlackApp, type SlackSettings } from './slack/in/index.js'
import { auditMessage } from './slack/messages/audit.js'
import { messages } from './slack/messages/index.js'
import { createRoles } from './slack/roles.js'
import { openStores, type Stores } from './stores.js'

export interface App {
  stop(): Promise<void>
}

/** The whole system, in the order in which data flows through it. */
export async function startApp({ environment, env, migration, bot }: Settings, logger: Logger): Promise<App> {
  const warn = (about: string) => (error: Error) => logger.warn({ error: error.message }, about)

  // What is remembered, where it happens, and what may be done there; all that is wrong with it is told at once.
  const stores = openStores(environment, migration, warn('Redis'))
  const runbooks = createRunbooks(environment.FLOODGATE_RUNBOOKS, gates, actions, migration)
  await refuseMistakes([
    () => refuseUnsafe(stores, environment, (text) => logger.warn(text)),
    runbooks.loadAll,
    () => refuseImpossible(migration),
    ...sides.flatMap((side) => [
      () => kafkaSecurity(migration.sides[side].kafka, env),
      () => createKubernetes({ ...migration.sides[side].kubernetes, ...kubeconfigOf(env) }),
    ]),
  ]).catch((error) => {
    stores.close()
    throw error
  })
  const tokens = slackTokens(environment)
  const clients = createClients(migration, env)
  const doers = { gates, gateDeps: clients, actions, actionDeps: clients }

  // Who decides: the log. Whoever acts on it is woken after each append.
  let jobs: Jobs | undefined
  const log = createSafeLog(
    stores,
    () => clients,
    migration,
    () => {
      jobs?.wake('advance')
      jobs?.wake('announce')
      jobs?.wake('audits')
    },
  )

  // What can be asked of it.
  const answers = createAnswers(log, stores, clients, migration)

  // Who listens.
  const web = createWeb(tokens)
  const roles = createRoles({ people: createGroupReader(tokens), now: Date.now }, migration)
  const drawing = createDrawing((group, from, until) => lagPoints(stores.samples, group, from, until), Date.now)
  const slack = createSlackApp(tokens, {
    log,
    roles,
    runbook: runbooks.load,
    migration,
    bot,
    kpis: async () => (await stores.kpis.get('kpis')) ?? null,
    drawing,
    web,
    plan: async (runbook) => {
      const { state, now } = await log.load()
      return planLines(doers, runbook, migration, state, now, (name) => stores.fact(inFlow(state, 'main'), name))
    },
    ready: async (runbook) => {
      const { state, now } = await log.load()
      return measureReady(doers, runbook, migration, state, now, (name) => stores.fact(inFlow(state, 'main'), name))
    },
    ...answers,
    warn: (text) => logger.warn(text),
  })

  // Who acts.
  const monitor = createMonitor(
    { kafka: clients.kafka, workloads: clients.workloads, samples: stores.samples },
    migration,
  )
  const { evidence, memory, live } = stores
  const rolesNow = async (people: readonly string[]) =>
    new Map([...(await roles.fresh(people))].map(([person, membership]) => [person, membership.roles]))
  const replica = randomUUID()
  const advance = createAdvance({
    log,
    replica,
    ...doers,
    evidence,
    memory,
    live,
    rolesNow,
    nonce: randomUUID,
  })

  // Who speaks.
  const announce = createAnnounce({
    web,
    drawing,
    file: answers.file,
    shown: stores.shown,
    migration: migration.migration,
    channel: migration.channel,
    log: (text) => logger.info(text),
    now: Date.now,
    render: async () => {
      const { state, now } = await log.load()
      const step = state.run && currentStep(state.run)
      const [figures, lag] = await Promise.all([
        step ? live.get(`${state.run!.id}/${step.id}`) : null,
        stores.lag.get('lag'),
      ])
      return { version: state.version, messages: messages(state, figures ?? null, lag ?? null, now) }
    },
  })

  const heads = createHeads({
    log,
    fact: stores.fact,
    notes: { source: clients.workloads.source.configMaps, target: clients.workloads.target.configMaps },
    migration: migration.migration,
    warn: (text) => logger.warn(text),
  })
  const sampled = () => jobs?.wake('announce')
  const watch = createWatch({ race: retentionRace, gateDeps: clients, migration })
  const audits = openAudits<PartitionPlan>(stores.blocking, stores.prefix)
  const label = (id: string) => ({ migration: migration.migration, key: `audit/${id}` })
  const auditing = createAuditing({
    log,
    stores,
    clients,
    migration,
    replica,
    queue: audits,
    post: (found, id) => postOnce(web, migration.channel, auditMessage(found), label(id), Date.now()),
  })
  const rounds = [
    { name: 'advance', run: advance, everyMs: 1000 },
    { name: 'announce', run: createAnnounceRound(announce), everyMs: 1000 },
    { name: 'heads', run: heads, everyMs: 1000 },
    { name: 'audits', run: auditing.round, everyMs: 5000 },
    {
      name: 'sample',
      run: createSample({ log, monitor, watch, fact: stores.fact, lag: stores.lag, kpis: stores.kpis, sampled }),
      everyMs: migration.alerts.sample,
    },
  ]
  jobs = await startJobs(stores.blocking, stores.prefix, rounds, warn('a job'))
  const auditors = workAudits(stores.blocking, stores.prefix, auditing.work, warn('an audit'))
  const watching = new AbortController()
  const watched = monitor.watch(watching.signal, () => jobs?.wake('sample')).catch(warn('watching pods'))
  const port = environment.METRICS_PORT
  const metrics =
    port === undefined
      ? undefined
      : await serveMetrics(
          createMetrics(() => stores.kpis.get('kpis')),
          port,
          warn('/metrics'),
        )
  await slack.start()

  return {
    stop: async () => {
      await metrics?.stop()
      watching.abort()
      await slack.stop()
      await jobs?.stop()
      await Promise.all([auditors.stop(), audits.stop()])
      await watched
      await clients.close()
      stores.close()
    },
  }
}

async function refuseUnsafe(
  { redis }: Stores,
  { REDIS_URL }: Environment,
  warn: (text: string) => void,
): Promise<void> {
  const { atAll, forRealRuns } = await unsafeSettings(redis).catch((error: Error) => ({
    atAll: [
      error.name === 'MaxRetriesPerRequestError'
        ? `nothing answers at ${new URL(REDIS_URL).host}: see REDIS_URL`
        : `it cannot be asked (${error.message}): see REDIS_URL`,
    ],
    forRealRuns: [],
  }))
  for (const one of forRealRuns) warn(`Redis: ${one} Until then real runs are refused.`)
  if (atAll.length) throw new ConfigError(atAll.map((one) => `Redis: ${one}`))
}

/** What migration.yaml may say word for word, and no night can do. */
function refuseImpossible({ sides, policies, roles }: Migration): void {
  const both = sides.target.kafka.bootstrap.filter((one) => sides.source.kafka.bootstrap.includes(one))
  const mistakes = both.map(
    (one) => `migration.yaml: ${one} is a broker of the source and of the target: a migration has two clusters`,
  )
  for (const [name, { role, approvals }] of Object.entries(policies)) {
    const { people, groups } = roles[role]!
    if (groups.length === 0 && people.length < approvals)
      mistakes.push(
        `migration.yaml: policies.${name} wants ${approvals} ${approvals === 1 ? 'approval' : 'approvals'}, and ${people.length} ${people.length === 1 ? 'person has' : 'people have'} the role ${role}: nobody could ever approve`,
      )
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
}

/** Who the bot is to Slack; ConfigError with what is missing. */
export function slackTokens({
  SLACK_BOT_TOKEN,
  SLACK_APP_TOKEN,
  SLACK_SIGNING_SECRET,
  SLACK_API_URL,
  PORT,
}: Environment): SlackSettings {
  const mistakes = [
    ...(SLACK_BOT_TOKEN ? [] : ['environment variable SLACK_BOT_TOKEN: the bot’s token (xoxb-…) is missing']),
    ...(SLACK_APP_TOKEN || SLACK_SIGNING_SECRET !== undefined
      ? []
      : [
          'environment variable SLACK_APP_TOKEN: the app’s token (xapp-…) for Socket Mode is missing; or set SLACK_SIGNING_SECRET and PORT, and people are heard over HTTP',
        ]),
  ]
  if (!SLACK_BOT_TOKEN || mistakes.length > 0) throw new ConfigError(mistakes)
  return {
    botToken: SLACK_BOT_TOKEN,
    ...(SLACK_API_URL ? { apiUrl: SLACK_API_URL } : {}),
    ...(SLACK_APP_TOKEN ? { appToken: SLACK_APP_TOKEN } : {}),
    ...(SLACK_SIGNING_SECRET !== undefined ? { http: { signingSecret: SLACK_SIGNING_SECRET, port: PORT } } : {}),
  }
}
