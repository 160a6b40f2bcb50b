#!/usr/bin/env node
import { Command } from 'commander'
import { actions } from './actions/index.js'
import { createAnswers } from './answers.js'
import { type Clients, createClients, kubeconfigOf } from './clients.js'
import { createCommandLine, type Printed } from './command-line.js'
import { createKubernetes } from './connect/kubernetes/index.js'
import { gates } from './gates/index.js'
import { planLines } from './jobs/plan.js'
import { measureReady } from './jobs/ready.js'
import type { Person } from './run/events.js'
import { inFlow } from './run/state.js'
import { words } from './run/words.js'
import { createRunbooks } from './runbook/files.js'
import type { FactName } from './runbook/language.js'
import { createSafeLog } from './safe-log.js'
import { readSettings, type Settings } from './settings.js'
import { openStores } from './stores.js'

/** The same commands as in Slack, through the same log, for the night on which Slack is down. */
const program = new Command('floodgate')
  .description('The commands of /migrate without Slack. The bot goes on doing the work; this only speaks to its log.')
  .argument('[words...]', `what to do: ${words.map((word) => word.usage).join(', ')}`)
  .option('--context <name>', 'the kubeconfig context that says who you are (default: the source’s of migration.yaml)')
  .parse()

try {
  const { text, failed } = await answer(await readSettings(process.env), program.args.join(' '))
  console.log(text)
  if (failed) process.exitCode = 1
} catch (error) {
  const { message, code } = error as Error & { code?: string }
  console.error(code === undefined ? error : message)
  process.exitCode = 1
}

async function answer(settings: Settings, line: string): Promise<Printed> {
  const { environment, migration, env, bot } = settings
  // Also where nobody is asked who is speaking: a name that is mistyped is told at once.
  if (program.opts<{ context?: string }>().context !== undefined) speaker(settings)
  const stores = openStores(environment, migration, () => {})
  let opened: Clients | undefined
  const clients = () => {
    opened ??= createClients(migration, env)
    return opened
  }
  const log = createSafeLog(stores, clients, migration, () => {})
  const doers = () => ({
    gates,
    gateDeps: clients(),
    actions,
    actionDeps: clients(),
  })
  const now = async () => {
    const { state, now } = await log.load()
    return [migration, state, now, (name: FactName) => stores.fact(inFlow(state, 'main'), name)] as const
  }
  try {
    return await createCommandLine({
      log,
      migration,
      bot,
      whoAmI: () => whoAmI(settings),
      runbook: (name) => createRunbooks(environment.FLOODGATE_RUNBOOKS, gates, actions, migration).load(name),
      kpis: () => stores.kpis.get('kpis'),
      plan: async (runbook) => planLines(doers(), runbook, ...(await now())),
      ready: async (runbook) => measureReady(doers(), runbook, ...(await now())),
      answers: () => createAnswers(log, stores, clients(), migration),
    })(line)
  } finally {
    await opened?.close()
    stores.close()
  }
}

/** Who the cluster says the kubeconfig is, never $USER. */
async function whoAmI(settings: Settings): Promise<Person> {
  const { migration } = settings
  const user = await speaker(settings).whoAmI()
  const known = migration.people.find((person) => person.cluster === user)
  return { kind: 'person', id: known?.slack ?? user, name: known?.name ?? user, via: 'cli' }
}

/** The cluster as the chosen context speaks to it; throws with the contexts there are when it is none of them. */
function speaker({ migration, env }: Settings) {
  const { context, namespace } = migration.sides.source.kubernetes
  return createKubernetes({
    context: program.opts<{ context?: string }>().context ?? context,
    namespace,
    ...kubeconfigOf(env),
  })
}
