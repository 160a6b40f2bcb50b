import { confirmationsOf, openQuestions, type Question } from '../../run/questions.js'
import type { Run, StepRun } from '../../run/state.js'
import { actions, button, context, section } from './blocks.js'
import type { Block } from './message.js'
import { mention, whoIs } from './people.js'
import { bullets, clipped, count, escaped, listed, named } from './say.js'

/** Names of owners in one section stay below Slack's limit; of the others the number is told. */
const mostOwners = 60

/** `171 of 212 apps confirmed` */
export function confirmedOf(run: Run, step: StepRun, question: Question): string {
  const { confirmed, of } = confirmationsOf(run, step, question)
  return `${confirmed.toLocaleString('en')} of ${count(of, 'app')} confirmed`
}

/** The same for the board, as long as owners are waited for. */
export function ownersWaited(run: Run, step: StepRun): string {
  const question = openQuestions(run, step).find(({ eachApp }) => eachApp)
  return question ? `; ${confirmedOf(run, step, question)}` : ''
}

/** One Yes for all apps of whoever clicks it: hundreds of apps are two buttons, and everybody sees who is missing. */
export function ownersBlocks(run: Run, step: StepRun, asked: Question): readonly Block[] {
  const { missing, refused } = confirmationsOf(run, step, asked)
  const { question, role } = asked
  const at = { run: run.id, step: step.id, attempt: step.attempt, question }
  const owners = missing.flatMap(({ asked, apps }) =>
    'person' in asked ? [`${mention(run, asked.person)} (${count(apps.length, 'app')})`] : [],
  )
  const unowned = missing.find(({ asked }) => 'role' in asked)?.apps
  return [
    section(
      `*${escaped(question)}* ${confirmedOf(run, step, asked)}. Each app’s owner is asked: Yes answers for all of yours at once; No names one of yours, with the reason, and ends the step.`,
    ),
    ...(refused.length
      ? [
          section(
            `*Not all right*\n${bullets(refused.map(({ app, person, reason }) => clipped(`${named(app)}: ${escaped(reason)} (${named(person)})`, 300)))}`,
          ),
        ]
      : []),
    ...(owners.length ? [section(`*Missing:* ${listed(owners, mostOwners)}.`)] : []),
    ...(unowned
      ? [
          section(
            `*Nobody owns* ${listed(unowned.map(named), 10)}: ${whoIs(run, role)} (${named(role)}) answers for ${unowned.length === 1 ? 'it' : 'them'}.`,
          ),
        ]
      : []),
    actions(
      button('yes', 'Yes', `Yes, for all my apps: ${question}`, at, 'primary'),
      button('no-app', 'No', `No, one of my apps is not: ${question}`, at),
    ),
    context(
      '`/migrate answer yes`, `/migrate answer yes APP` and `/migrate answer no APP REASON` do the same. An app whose owner cannot be reached is left out by an approver: `/migrate exclude APP REASON`.',
    ),
  ]
}
