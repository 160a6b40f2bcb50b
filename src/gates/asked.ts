import { z } from 'zod'
import type { Measured } from '../runbook/language.js'
import { type AppAnswer, confirmations } from '../runbook/owners.js'
import { gate, type Look } from './gate.js'
import { unanswered, wordGiven } from './reading/word.js'

const args = z.strictObject({
  role: z.string(),
  question: z.string(),
  /** Each app's owner is asked; `role` answers for the apps that nobody owns. */
  each: z.literal('app').optional(),
})

/** The one gate that is a person; who may answer is settled where the answer is heard. */
export const asked = gate<unknown, z.infer<typeof args>>({
  name: 'asked',
  proves: 'a person of a role, or the owner of each app, has answered a question with yes',
  args,
  async measure(_deps, { role, question, each }, { answers, migration }) {
    return each
      ? ofEachApp(migration, role, question, answers)
      : (wordGiven(question, answers) ?? unanswered(question, role))
  },
})

function ofEachApp(
  migration: Look['migration'],
  role: string,
  question: string,
  answers: readonly AppAnswer[],
): Measured {
  const { of, confirmed, refused, missing } = confirmations(migration, role, question, answers)
  const counted = `${question} ${confirmed} of ${of} apps confirmed`
  const evidence = {
    confirmed,
    of,
    refused: refused.map((one) => ({ ...one })),
    missing: missing.map(({ asked, apps }) => ({ ...asked, apps: [...apps] })),
  }
  const [no] = refused
  if (no) {
    const more = refused.length > 1 ? ` and ${refused.length - 1} more` : ''
    return {
      verdict: 'failed',
      final: true,
      reason: 'answered-no',
      evidence,
      text: `${no.app} is not all right, says ${no.person}: ${no.reason}${more ? `;${more}` : ''}. ${counted}.`,
    }
  }
  if (missing.length === 0) return { verdict: 'passed', evidence, text: `${counted}.` }
  const who = missing
    .slice(0, 5)
    .map(({ asked, apps }) => `${'person' in asked ? asked.person : `the role ${asked.role}`} (${apps.length})`)
  const rest = missing.length > who.length ? ` and ${missing.length - who.length} more` : ''
  return {
    verdict: 'inconclusive',
    reason: 'unanswered',
    evidence,
    text: `${counted}; waiting for ${who.join(', ')}${rest}.`,
  }
}
