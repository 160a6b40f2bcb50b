import { type Notes, noteName } from './actions/note.js'
import type { Clients } from './clients.js'
import { type Migration, type Side, sides } from './config/migration.js'
import { packEvidence } from './gates/break-glass.js'
import { standing } from './gates/pack/standing.js'
import { packText } from './gates/pack/text.js'
import { type PostedHead, wholeness } from './log/chain.js'
import type { Log } from './log/submit.js'
import type { FileRequest } from './run/files.js'
import { type Chapter, chapterOf, type Report, reportOf } from './run/report.js'
import { reportMarkdown } from './run/report-text.js'
import { inFlow, isOpen, type Run, type State } from './run/state.js'
import { type FactName, type Facts, factNames } from './runbook/language.js'
import { briefLines } from './slack/messages/brief.js'
import type { Stores } from './stores.js'

export type Answers = ReturnType<typeof createAnswers>

/** A text with a name, for whoever keeps it. */
export interface Paper {
  readonly name: string
  readonly text: string
}

/** What Slack and the command line both answer from the log and the clusters; nothing is changed. */
export function createAnswers(
  log: Pick<Log, 'load' | 'entries'>,
  stores: Pick<Stores, 'fact' | 'evidence'>,
  clients: Clients,
  migration: Migration,
) {
  return { verify, brief, report, pack, file }

  /** Whether the log is whole, also against the heads that stand in the ConfigMaps. */
  async function verify(): Promise<string> {
    const heads: PostedHead[] = []
    const unread: string[] = []
    const notes = await Promise.all(sides.map((side) => headOn(clients.workloads[side].configMaps, side)))
    for (const note of notes) {
      if (typeof note === 'string') unread.push(note)
      else if (note) heads.push(note)
    }
    // After the notes: what is appended in between is then in the log, never missing from it.
    return wholeness(await log.entries(), heads, unread)
  }

  async function headOn(notes: Pick<Notes, 'get'>, side: Side): Promise<PostedHead | string | null> {
    try {
      const found = await notes.get(noteName(migration.migration))
      const { head, version } = found?.data ?? {}
      return head && version ? { version: Number(version), head, where: `the ConfigMap on the ${side}` } : null
    } catch (error) {
      return error instanceof Error ? error.message : `the ConfigMap on the ${side}`
    }
  }

  async function brief(): Promise<readonly string[]> {
    const [{ state, now }, entries] = await Promise.all([log.load(), log.entries()])
    const chapter = chapterOf(entries, state.run?.id ?? null)
    return briefLines(state, chapter && (await told(chapter)), now)
  }

  /** A run told from the log; null when there is no such run. */
  async function report(run: string | null, form: 'markdown' | 'json'): Promise<Paper | null> {
    const chapter = chapterOf(await log.entries(), run)
    if (!chapter) return null
    const found = await told(chapter)
    const name = `report-${found.run.id}`
    return form === 'json'
      ? { name: `${name}.json`, text: `${JSON.stringify(found, null, 2)}\n` }
      : { name: `${name}.md`, text: reportMarkdown(found) }
  }

  async function told(chapter: Chapter): Promise<Report> {
    const content = async (name: FactName) => [name, await stores.fact(chapter.state, name)] as const
    return reportOf(chapter, Object.fromEntries(await Promise.all(factNames.map(content))) as Facts)
  }

  /** The break-glass pack as things stand now; where they cannot be seen, the newest that was kept. */
  async function pack(): Promise<Paper> {
    const { state } = await log.load()
    const name = 'break-glass.txt'
    const canary = isOpen(state.run) && state.run.flow === 'canary' ? state.run : null
    const seen = inFlow(state, canary ? 'canary' : 'main')
    try {
      const of = canary?.migration ?? migration
      const found = await standing(clients, { migration: of, fact: (fact) => stores.fact(seen, fact) })
      return { name, text: packText(found, mirrorOf(state.run)) }
    } catch (error) {
      const kept = await newestPack(state)
      if (kept) return { name, text: kept }
      throw error
    }
  }

  async function newestPack({ run }: State): Promise<string | null> {
    const digests = (run?.steps ?? [])
      .flatMap((step) => [...step.think, ...step.check])
      .flatMap((look) => (look.gate.startsWith('break-glass') && look.evidence ? [look.evidence] : []))
    return digests.length ? keptPack(digests.at(-1)!) : null
  }

  async function keptPack(digest: string): Promise<string | null> {
    const content = await stores.evidence.get(digest)
    return (content && packEvidence.safeParse(JSON.parse(content)).data?.text) || null
  }

  /** The text of a file that a message carries. */
  function file(request: FileRequest): Promise<string | null> {
    return request.kind === 'pack'
      ? keptPack(request.evidence)
      : report(request.run, request.form).then((paper) => paper?.text ?? null)
  }
}

/** In which order this run's mirror stops, as its own runbook says. */
function mirrorOf(run: Run | null): 'first' | 'last' {
  const calls = (run?.runbook.steps ?? []).flatMap((step) => [...step.think, ...step.check])
  const args = calls.find((call) => call.gate === 'break-glass')?.args as { mirror?: unknown } | undefined
  return args?.mirror === 'last' ? 'last' : 'first'
}
