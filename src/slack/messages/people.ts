import { confirmationsOf, type Question } from '../../run/questions.js'
import type { Run, StepRun } from '../../run/state.js'
import { clock, count, escaped, listed, named } from './say.js'

/** Who may approve a step, how many are needed, who has: one or two sentences. */
export function approvers(run: Run, step: StepRun): string {
  const { role, needed, self } = policyOf(run, step)
  const missing = needed - step.approvals.length
  const given = step.approvals.map((approval) => `${named(approval.by.name)} at ${clock(approval.at)}`)
  const have = given.length ? `Approved by ${listed(given)}. ` : ''
  const still = `${count(missing, given.length ? 'more person' : 'person', given.length ? 'more people' : 'people')} of the role ${named(role)} must approve: ${whoMayApprove(run, step)}.`
  const requester = self ? '' : ' Whoever asked for the run does not count.'
  return `${have}${still}${requester}`
}

/** Those of the step's role whose approval would count: whoever asked for the run, or has approved, is not called again. */
export function whoMayApprove(run: Run, step: StepRun): string {
  const { role, self } = policyOf(run, step)
  const out = [...(self ? [] : [run.requestedBy]), ...step.approvals.map(({ by }) => by)]
  return whoIs(
    run,
    role,
    out.map(({ id }) => id),
  )
}

/** `1 of 2 approvals` */
export const approvalCount = (run: Run, step: StepRun): string =>
  `${step.approvals.length} of ${count(policyOf(run, step).needed, 'approval')}`

export const approvedBy = (step: StepRun): string => listed(step.approvals.map((approval) => named(approval.by.name)))

/** Who is asked this question, as the start of a sentence. */
export function whoAnswers(run: Run, step: StepRun, question: Question): string {
  if (!question.eachApp) return `The role ${named(question.role)}`
  const { missing } = confirmationsOf(run, step, question)
  return listed(
    missing.map(
      ({ asked, apps }) =>
        `${'person' in asked ? mention(run, asked.person) : `the role ${named(asked.role)}`} (${count(apps.length, 'app')})`,
    ),
    5,
  )
}

/** The people of a role as mentions, so that a new question reaches them; `out`: ids of those whom it is not for. */
export function whoIs(run: Run, role: string, out: readonly string[] = []): string {
  const definition = run.migration.roles[role]
  const people = (definition?.people ?? [])
    .filter((name) => !run.migration.people.some((one) => one.name === name && out.includes(one.slack)))
    .map((name) => mention(run, name))
  const groups = (definition?.groups ?? []).map((group) =>
    /^S[A-Z0-9]+$/.test(group) ? `<!subteam^${group}>` : `the group ${named(group)}`,
  )
  return listed([...people, ...groups]) || 'nobody, which migration.yaml must change'
}

export function mention(run: Run, name: string): string {
  const person = run.migration.people.find((one) => one.name === name)
  return person ? `<@${escaped(person.slack)}>` : named(name)
}

function policyOf(run: Run, step: StepRun): { role: string; needed: number; self: boolean } {
  const policy = run.migration.policies[step.step.approve]
  return { role: policy?.role ?? step.step.approve, needed: policy?.approvals ?? 1, self: policy?.self ?? false }
}
