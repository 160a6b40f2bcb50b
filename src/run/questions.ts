import type { GateCall } from '../runbook/language.js'
import { confirmations } from '../runbook/owners.js'
import { valveQuestion } from '../runbook/valve-word.js'
import type { Run, StepRun } from './state.js'
import { seenByGates } from './waivers.js'

/** A question that a step puts to people: the gate `asked` of a runbook. */
export interface Question {
  readonly question: string
  readonly role: string
  /** Each app's owner is asked for the own apps; the role answers for those that nobody owns. */
  readonly eachApp: boolean
}

/** What a step asks people, answered or not, besides what it asks of a valve that people work. */
export const questionsOf = ({ step }: StepRun): readonly Question[] => step.check.flatMap(asked)

function asked({ gate, args }: GateCall): Question[] {
  const { question, role, each } = (gate === 'asked' ? (args ?? {}) : {}) as {
    question?: string
    role?: string
    each?: string
  }
  return question && role ? [{ question, role, eachApp: each === 'app' }] : []
}

/** The questions of a step under check that are not yet answered with yes. */
export function openQuestions(run: Run, step: StepRun | undefined): readonly Question[] {
  if (step?.phase.is !== 'checking') return []
  return step.step.check
    .flatMap((call): Question[] => {
      const ofValve = valveQuestion(run.migration, call)
      if (ofValve) return isPassed(step, call.gate) ? [] : [{ ...ofValve, eachApp: false }]
      return asked(call)
    })
    .filter((question) => !isAnswered(run, step, question))
}

/** A valve that stands where it should by an earlier word is not asked about again. */
const isPassed = (step: StepRun, gate: string) =>
  step.check.some((look) => look.gate.startsWith(gate) && look.verdict === 'passed')

/** Who has confirmed which app, and who is missing. */
export const confirmationsOf = (run: Run, step: StepRun, { question, role }: Question) =>
  confirmations(
    seenByGates(run),
    role,
    question,
    step.answers.map((answer) => ({ ...answer, person: answer.by.name })),
  )

function isAnswered(run: Run, step: StepRun, question: Question): boolean {
  if (!question.eachApp) return step.answers.some((answer) => answer.question === question.question && answer.yes)
  const { of, confirmed } = confirmationsOf(run, step, question)
  return confirmed === of
}
