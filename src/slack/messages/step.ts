import { sayDuration } from '../../config/duration.js'
import type { LagNow, Live } from '../../run/live.js'
import { questionsOf } from '../../run/questions.js'
import { currentStep, isOpen, numberOf, type Run, type StepRun } from '../../run/state.js'
import { askBlocks, askText } from './ask.js'
import { context, header, section } from './blocks.js'
import { effectCount, effectLines, effectsOf } from './effects.js'
import { failedBlocks } from './failed.js'
import { packFiles } from './files.js'
import { gateCount, gateLines, isAhead, newestLooks, stops } from './gates.js'
import { stepGraph } from './graphs.js'
import type { Block, Message } from './message.js'
import { approvedBy } from './people.js'
import { bullets, clipped, clock, count, escaped, named, sentence } from './say.js'
import { workBlocks, workText } from './work.js'

/** What is measured in less time than this is not worth a message: the board says it. */
const quietMs = 15_000

/**
 * The one message of an attempt: what is asked, then what goes on, then what was proved. It begins with the question, since
 * only a new message reaches people, and with another when those who had approved are asked again; when the measuring before it takes long, that has a message of its own, which the question ends.
 */
export function stepMessage(
  run: Run,
  step: StepRun,
  live: Live | null,
  lag: LagNow | null,
  now: number,
): Message | null {
  const { phase } = step
  if (phase.is === 'waiting') return null
  const measuring = phase.is === 'thinking' && !step.fell
  if (measuring && now - phase.since < quietMs) return null
  const title = `${run.mode === 'rehearsal' ? 'Rehearsal, step' : 'Step'} ${numberOf(run, step)} of ${run.runbook.steps.length}: ${step.step.title}`
  const { text, blocks } = content(run, step, live, lag)
  const current = run.phase.is === 'open' && step === currentStep(run)
  const over = lastWord(step)
  return {
    key: `${measuring ? 'think' : 'step'}/${run.id}/${step.id}${step.attempt > 1 ? `/${step.attempt}` : ''}${step.askedAgain ? `/again-${step.askedAgain}` : ''}`,
    text: `${escaped(title)}. ${text}`,
    blocks: current
      ? [header(title), ...blocks]
      : [header(title), ...notice(run, step), ...blocks.filter(withoutButtons)],
    ...(current && (phase.is === 'asking' || phase.is === 'failed') ? { asks: true } : {}),
    ...(over && isOpen(run) ? { over: `${escaped(title)}. ${over}` } : {}),
    ...(measuring ? {} : { files: packFiles(run, step) }),
  }
}

/** What remains of the message once another attempt or another run has taken its place. */
function lastWord({ phase, attempt, fell }: StepRun): string | null {
  switch (phase.is) {
    case 'passed':
    case 'skipped':
    case 'undone':
      return null
    case 'thinking':
      return fell
        ? `The approvals fell: ${sentence(clipped(escaped(fell), 1200))} It was asked again.`
        : 'This measuring is over.'
    case 'asking':
      return 'This question is no longer asked.'
    case 'failed':
      return `Attempt ${attempt} failed at ${clock(phase.at)}: ${sentence(clipped(escaped(phase.why), 1500))}`
    default:
      return `Attempt ${attempt} was not brought to its end.`
  }
}

const withoutButtons = (block: Block): boolean => block.type !== 'actions'

/** A step in which the run was stopped or closed does not ask any more, however it stood. */
function notice(run: Run, step: StepRun): readonly Block[] {
  return (run.phase.is === 'stopped' || run.phase.is === 'closed') && step === currentStep(run)
    ? [
        section(
          `*The run was ${run.phase.is} here* at ${clock(run.phase.at)}; nothing further is done. What follows is how it stood.`,
        ),
      ]
    : []
}

interface Content {
  readonly text: string
  readonly blocks: readonly Block[]
}

function content(run: Run, step: StepRun, live: Live | null, lag: LagNow | null): Content {
  const { phase } = step
  switch (phase.is) {
    case 'waiting':
    case 'thinking':
      return thinking(run, step, live)
    case 'asking':
    case 'confirming':
      return { text: askText(run, step), blocks: askBlocks(run, step, live) }
    case 'acting':
    case 'checking':
      return { text: workText(run, step, live), blocks: workBlocks(run, step, live, lag) }
    case 'passed':
    case 'undone':
      return passed(run, step, phase.at, phase.is)
    case 'failed':
      return { text: `Failed: ${sentence(escaped(phase.why))}`, blocks: failedBlocks(run, step, phase.why) }
    case 'skipped': {
      const text = `Skipped by ${named(phase.by.name)}: ${sentence(escaped(phase.reason))}`
      return {
        text,
        blocks: [section(`*Skipped* by ${named(phase.by.name)} at ${clock(phase.at)}: ${escaped(phase.reason)}`)],
      }
    }
  }
}

function thinking(run: Run, step: StepRun, live: Live | null): Content {
  const looks = newestLooks(step, 'think', live)
  const waiting = looks.filter(stops).length
  const counted = gateCount(looks, step.step.think.length)
  const fell = step.fell ? `The earlier approvals no longer count: ${sentence(escaped(step.fell))} ` : ''
  if (run.phase.is !== 'open')
    return {
      text: `Nobody was asked: ${counted}.`,
      blocks: [
        section(`*It was being measured, and nobody was asked:* ${counted}.`),
        ...(looks.length ? [section(gateLines(looks, 12, isAhead(run, step)), 2900)] : []),
      ],
    }
  return {
    text: `${fell}Nobody is asked yet: ${counted}.`,
    blocks: [
      ...(step.fell ? [section(`*Approvals fell.* Nothing was done. ${escaped(step.fell)}`)] : []),
      section(
        `*Measuring what must hold before anyone is asked:* ${counted}.${waiting ? ' As soon as all hold, the question follows here; until then nothing happens.' : ''}`,
      ),
      ...(looks.length ? [section(gateLines(looks, 12, isAhead(run, step)), 2900)] : []),
    ],
  }
}

/** A rehearsal proves nothing: it names what the night would have to prove. */
function proved(step: StepRun, rehearsal: boolean): string {
  const { check } = step
  if (!rehearsal) return `*What was proved*\n${gateLines(check)}`
  const asked = questionsOf(step).length ? '\nIn a rehearsal nobody is asked for a word: the night asks.' : ''
  return `*What would have to be proved*\n${bullets(
    check.map(({ gate }) => escaped(gate)),
    20,
  )}${asked}`
}

function passed(run: Run, step: StepRun, at: number, is: 'passed' | 'undone'): Content {
  const effects = effectsOf(step)
  const took = sayDuration(at - (step.startedAt ?? at))
  const by = step.approvals.length ? `, approved by ${approvedBy(step)}` : ''
  const rehearsal = run.mode === 'rehearsal'
  const did = !effects.length
    ? `nothing ${rehearsal ? 'would have' : 'had'} to be changed`
    : rehearsal
      ? `nothing was changed, ${effectCount(effects)} would be made`
      : effectCount(effects)
  const word = is === 'undone' ? 'Undone' : rehearsal ? 'Rehearsed' : 'Passed'
  return {
    text: `${word} after ${took}${by}; ${did}.`,
    blocks: [
      section(`*${word}* at ${clock(at)} after ${took}${by}; ${did}.`),
      ...(step.check.length ? [section(proved(step, rehearsal), 2900)] : []),
      ...(rehearsal ? [] : stepGraph(run, step)),
      ...(effects.length
        ? [section(`*What ${rehearsal ? 'would be' : 'was'} done*\n${effectLines(effects)}`, 2400)]
        : []),
      ...(step.answers.length
        ? [
            context(
              step.answers
                .map(
                  (answer) =>
                    `${named(answer.by.name)} answered ${answer.yes ? 'yes' : 'no'} to “${escaped(answer.question)}”${answer.apps ? ` for ${count(answer.apps.length, 'app')}` : ''} at ${clock(answer.at)}`,
                )
                .join('\n'),
            ),
          ]
        : []),
    ],
  }
}
