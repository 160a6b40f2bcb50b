import type { Answers } from './answers.js'
import type { Migration } from './config/migration.js'
import type { Log } from './log/submit.js'
import type { PersonCommand } from './run/commands.js'
import type { Person } from './run/events.js'
import type { Kpis } from './run/live.js'
import { type Ready, readyText } from './run/ready.js'
import { type Act, isAct, runbookOf, wantedOf } from './run/wanted.js'
import { type Ask, helpLines, parseWords } from './run/words.js'
import type { Runbook } from './runbook/language.js'
import { statusLines } from './slack/messages/board.js'
import { groupLine, partitionLines, topicLine } from './slack/messages/kpis.js'
import { turnedBack } from './slack/messages/turned-back.js'
import { rolesOf } from './slack/roles.js'

export interface CommandLineDeps {
  readonly log: Pick<Log, 'load' | 'submit'>
  readonly migration: Migration
  /** The bot's version. */
  readonly bot: string
  /** Who the cluster says is speaking; asked only where something is to be changed. */
  readonly whoAmI: () => Promise<Person>
  readonly runbook: (name: string) => Promise<Runbook>
  readonly kpis: () => Promise<Kpis | undefined>
  readonly plan: (runbook: Runbook) => Promise<readonly string[]>
  readonly ready: (runbook: Runbook) => Promise<Ready>
  /** Made when they are needed: a word to the log must not fail because a cluster cannot be configured. */
  readonly answers: () => Pick<Answers, 'verify' | 'brief' | 'report' | 'pack'>
}

/** What is printed; `failed`: nothing was done, and the text says why. */
export interface Printed {
  readonly text: string
  readonly failed: boolean
}

/** The words of /migrate on a command line: the same table, the same decisions, the same log; only who is asking comes from the cluster. */
export function createCommandLine(deps: CommandLineDeps): (line: string) => Promise<Printed> {
  return async (line) => {
    const ask = parseWords(line)
    if ('mistake' in ask) return failed(ask.mistake)
    return isAct(ask) ? act(ask) : look(ask)
  }

  async function act(ask: Act): Promise<Printed> {
    const { log, migration, bot } = deps
    const [{ state, now }, by] = await Promise.all([log.load(), deps.whoAmI()])
    const name = runbookOf(ask, state)
    const runbook = name ? await deps.runbook(name) : null
    // User groups are Slack's: without it only people listed by name can be shown to be in a role.
    const asker = { by, roles: rolesOf(migration, by.id, new Map()) }
    const wanted = wantedOf(ask, state, { runbook, migration, bot, asker }, now)
    if ('mistake' in wanted) return failed(wanted.mistake)
    const outcome = await log.submit({ ...asker, ...wanted } as PersonCommand)
    if ('refused' in outcome)
      return failed(
        outcome.code === 'not-in-role'
          ? `${outcome.refused} The cluster says that you are ${by.name}; --context NAME speaks as whoever that context of your kubeconfig is.${ofGroups(migration)}`
          : outcome.refused,
      )
    const came = wanted.do === 'rollback' ? ` ${turnedBack(outcome.state)}` : ''
    return printed(`Recorded, as ${by.name}.${came}\n${plain(statusLines(outcome.state).join('\n'), deps.migration)}`)
  }

  async function look(ask: Exclude<Ask, Act>): Promise<Printed> {
    switch (ask.ask) {
      case 'verify':
        return printed(await deps.answers().verify())
      case 'brief':
        return printed(plain((await deps.answers().brief()).join('\n'), deps.migration))
      case 'report': {
        const paper = await deps.answers().report(ask.run, ask.form)
        return paper ? printed(paper.text.trimEnd()) : failed(`There is no run ${ask.run ?? 'yet'}.`)
      }
      case 'pack':
        return printed((await deps.answers().pack()).text.trimEnd())
      case 'lag':
        return lagLines(ask.group)
      case 'plan':
        return printed((await deps.plan(await deps.runbook(ask.runbook))).join('\n'))
      case 'help': {
        const { now, later } = helpLines((await deps.log.load()).state, deps.migration)
        return printed(`Possible now:\n  ${now.join('\n  ')}\nNot now:\n  ${later.join('\n  ')}`)
      }
      case 'ready':
        return printed(readyText(await deps.ready(await deps.runbook('prepare'))))
      case 'status':
        return printed(plain(statusLines((await deps.log.load()).state).join('\n'), deps.migration))
    }
  }

  async function lagLines(group: string | null): Promise<Printed> {
    const kpis = await deps.kpis()
    if (!kpis) return printed('No sample of the lag has been taken yet.')
    const found = kpis.groups.filter((one) => !group || one.group === group)
    if (found.length === 0) return failed(`There is no group ${group}.`)
    const more = group && found[0] ? partitionLines(kpis, found[0]) : kpis.topics.map(topicLine)
    return printed(plain([`On the ${kpis.side}:`, ...found.map(groupLine), ...more].join('\n'), deps.migration))
  }
}

/** Who is in a role by a user group alone is refused here, and would not know why. */
function ofGroups({ roles }: Migration): string {
  const groups = [...new Set(Object.values(roles).flatMap((role) => role.groups))]
  return groups.length === 0
    ? ''
    : ` User groups (${groups.join(', ')}) are Slack's and count for nobody on the command line: there a role has the people that migration.yaml lists by name.`
}

const printed = (text: string): Printed => ({ text, failed: false })
const failed = (text: string): Printed => ({ text, failed: true })

/** Slack's markup as a terminal shows it. */
function plain(text: string, { people }: Pick<Migration, 'people'>): string {
  return text
    .replace(/<@(\w+)>/g, (_, id: string) => people.find(({ slack }) => slack === id)?.name ?? id)
    .replace(/<!date\^\d+\^[^|]*\|([^>]*)>/g, '$1')
    .replace(/<[@#!]([^>|]*)(?:\|[^>]*)?>/g, '$1')
    .replace(/[*`]/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
}
