import type { KnownBlock } from '@slack/types'
import type { Ready } from '../../run/ready.js'
import { isAct, runbookOf, wantedOf } from '../../run/wanted.js'
import { type Ask, helpLines, parseWords } from '../../run/words.js'
import type { Runbook } from '../../runbook/language.js'
import type { Web } from '../announce/web.js'
import { section } from '../messages/blocks.js'
import { statusLines } from '../messages/board.js'
import { bullets, clipped, escaped } from '../messages/say.js'
import { type LagDeps, lagAnswer } from './lag.js'
import { type Paper, paperAnswer } from './paper.js'
import { readyAnswer } from './ready.js'
import { type HearingDeps, hear, type SlackUser } from './submit.js'

export interface CommandDeps extends HearingDeps, LagDeps {
  /** What a runbook would do to what now, as lines; nothing is changed. */
  readonly plan: (runbook: Runbook) => Promise<readonly string[]>
  /** What the think gates of a runbook see now. */
  readonly ready: (runbook: Runbook) => Promise<Ready>
  /** Whether the log is whole, as a sentence. */
  readonly verify: () => Promise<string>
  readonly brief: () => Promise<readonly string[]>
  /** Null: there is no such run. */
  readonly report: (run: string | null, form: 'markdown' | 'json') => Promise<Paper | null>
  readonly pack: () => Promise<Paper>
  readonly web: LagDeps['web'] & Pick<Web, 'share'>
}

export interface Reply {
  readonly text: string
  readonly blocks?: readonly KnownBlock[]
}

/** `/migrate …`: one line of words in, one private answer out. `slow`: it may take longer than Slack waits. */
export function answerWords(
  deps: CommandDeps,
  user: SlackUser,
  line: string,
): { readonly slow: boolean; readonly reply: Promise<Reply> } {
  const ask = parseWords(line)
  if ('mistake' in ask) return { slow: false, reply: Promise.resolve({ text: escaped(ask.mistake) }) }
  if (isAct(ask)) {
    const heard = hear(
      deps,
      user,
      (state) => runbookOf(ask, state),
      (state, sources, now) => wantedOf(ask, state, sources, now),
    )
    return { slow: false, reply: heard.then(({ text }) => ({ text })) }
  }
  const reply = look(deps, user, ask).catch(
    (error: unknown): Reply => ({
      text: `It could not be read: ${escaped(error instanceof Error ? error.message : 'no answer')}`,
    }),
  )
  return { slow: ask.ask !== 'help' && ask.ask !== 'status', reply }
}

async function look(deps: CommandDeps, user: SlackUser, ask: Ask): Promise<Reply> {
  switch (ask.ask) {
    case 'status':
      return said(statusLines((await deps.log.load()).state).join('\n'))
    case 'lag':
      return lagAnswer(deps, ask.group)
    case 'plan': {
      const runbook = await deps.runbook(ask.runbook)
      const lines = (await deps.plan(runbook)).map(escaped)
      return said(`*What ${escaped(runbook.name)} would do now.* Nothing is changed.\n${bullets(lines, 40)}`)
    }
    case 'ready':
      return readyAnswer(deps.web, deps.migration.channel, await deps.ready(await deps.runbook('prepare')))
    case 'verify':
      return { text: escaped(await deps.verify()) }
    case 'brief':
      return said((await deps.brief()).join('\n'))
    case 'report': {
      const paper = await deps.report(ask.run, ask.form)
      if (!paper) return { text: `There is no run ${escaped(ask.run ?? 'yet')}.` }
      const command = ['floodgate report', ask.run, ask.form === 'json' ? 'json' : null].filter(Boolean).join(' ')
      return paperAnswer(deps.web, deps.migration.channel, paper, {
        title: `Report, asked for by ${user.name}`,
        command,
      })
    }
    case 'pack':
      return paperAnswer(deps.web, deps.migration.channel, await deps.pack(), {
        title: `What finishing or undoing the night by hand takes, asked for by ${user.name}`,
        command: 'floodgate pack',
      })
    default: {
      const { now, later } = helpLines((await deps.log.load()).state, deps.migration)
      const lines = (some: readonly string[]) =>
        some.map((line) => `\`/migrate ${line.replace(': ', '`: ')}`).join('\n')
      return said(`*Possible now*\n${lines(now)}\n*Not now*\n${lines(later)}`)
    }
  }
}

function said(text: string): Reply {
  return { text: clipped(text, 2900), blocks: [section(text, 2900)] }
}
