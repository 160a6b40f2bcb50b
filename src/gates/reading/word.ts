import type { Measured } from '../../runbook/language.js'
import type { Look } from '../gate.js'

/** What people have said to a question that one of them answers: a No counts before a Yes. Undefined: nobody has answered it. */
export function wordGiven(question: string, answers: Look['answers']): Measured | undefined {
  const given = answers.filter((answer) => answer.question === question)
  const evidence = given.map(({ person, yes }) => ({ person, yes }))
  const no = given.find((answer) => !answer.yes)
  if (no)
    return {
      verdict: 'failed',
      final: true,
      reason: 'answered-no',
      evidence,
      text: `${question} ${no.person} answered no${no.reason ? `: ${no.reason}` : ''}`,
    }
  const [yes] = given
  return yes && { verdict: 'passed', evidence, text: `${question} ${yes.person} answered yes` }
}

export const unanswered = (question: string, role: string): Measured => ({
  verdict: 'inconclusive',
  reason: 'unanswered',
  text: `${question} Waiting for one of ${role} to answer`,
})
