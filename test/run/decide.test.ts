import { describe, expect, it } from '@jest/globals'
import type { Flow, Migration, Side } from '../../src/config/migration.js'
import { chain } from '../../src/log/chain.js'
import { apply } from '../../src/run/apply.js'
import type { Command, EngineCommand, PersonCommand, PlannedEffect } from '../../src/run/commands.js'
import { decide } from '../../src/run/decide.js'
import type { AlertFacts, At, GateLook, Person } from '../../src/run/events.js'
import { currentStep, emptyState, nonceOf, type Run, type State } from '../../src/run/state.js'
import { undoPlan } from '../../src/run/undo.js'
import { type Act, wantedOf } from '../../src/run/wanted.js'
import { parseWords } from '../../src/run/words.js'
import type { Effect } from '../../src/runbook/language.js'
import { Estate, rollbackSteps, testMigration, threeSteps } from '../estate.js'
import { alice, bob, carol, eve } from '../night.js'

/** The state so far, the log's clock, and a command made for that state. */
type Said = (state: State, now: number) => Command
/** What came before: words of somebody, or time that passed. */
type Before = Said | { readonly ms: number }
type Row = readonly [what: string, given: readonly Before[], said: Said, then: readonly string[] | { refused: string }]

const hourMs = 3_600_000
const model = new Estate([])
const question = {
  gate: 'asked',
  args: { question: 'All well?', role: 'operators' },
  forMs: 0,
  withinMs: 0,
  warn: false,
}
const plain = model.runbook(threeSteps)
const runbook = {
  ...plain,
  steps: plain.steps.map((step) => (step.id === 'two' ? { ...step, check: [...step.check, question] } : step)),
}
const rollback = model.runbook(rollbackSteps)
const call = { action: 'apps-stop', args: { side: 'source', tier: 'upstream', order: 'flow' } }
const cutover = {
  ...plain,
  name: 'cutover',
  steps: plain.steps.map((step) => (step.id === 'one' ? { ...step, do: [call] } : step)),
} as unknown as typeof plain
const called: Migration = {
  ...testMigration,
  policies: {
    ...testMigration.policies,
    operators: { ...testMigration.policies.operators!, escalate: { after: 600_000, to: 'operators' } },
  },
}
const sources = { migration: testMigration, bot: '0' }

const start =
  (by = alice, more: Partial<Extract<PersonCommand, { do: 'start' }>> = {}): Said =>
  () => ({ by, roles: rolesOf(by), do: 'start', runbook, mode: 'real', notBefore: null, ...sources, ...more })

/** A person says this; `of` puts other words into it. */
const says =
  (by: Person, make: (state: State) => object): Said =>
  (state) =>
    ({ by, roles: rolesOf(by), ...make(state) }) as PersonCommand
const here = ({ run }: State): At => {
  const step = currentStep(run!)!
  return { run: run!.id, step: step.id, attempt: step.attempt }
}
const approve = (by: Person, more: object = {}) =>
  says(by, (state) => {
    const { nonce, digest } = currentStep(state.run!)!.phase as { nonce: string; digest: string }
    return { do: 'approve', ...here(state), nonce, digest, ...more }
  })
const abort = (by = carol, reason = 'why') => says(by, () => ({ do: 'abort', reason }))
const resume = (by = carol) => says(by, () => ({ do: 'resume' }))
const close = (by = carol, reason = 'why') => says(by, () => ({ do: 'close', reason }))
const retry = (by = carol, more: object = {}) => says(by, (state) => ({ do: 'retry', ...here(state), ...more }))
const skip = (by = carol, reason = 'why') => says(by, (state) => ({ do: 'skip', ...here(state), reason }))
const back = (by = carol, reason = 'sick', known: typeof rollback | null = rollback) =>
  says(by, () => ({ do: 'rollback', reason, runbook: known, ...sources }))
const waive = (by: Person, how: string, more: object = {}) =>
  says(by, () => ({ do: 'waive', app: 'b', how, reason: 'why', ...more }))
const answer = (by: Person, more: object = {}) =>
  says(by, (state) => ({
    do: 'answer',
    ...here(state),
    question: 'All well?',
    yes: true,
    app: null,
    reason: '',
    ...more,
  }))

/** The engine says this of the step that stands; `ago`: how old the view was on which it rests. */
const engine =
  (make: (state: State) => object, replica = 'one', ago = 0): Said =>
  (state, now) =>
    ({ by: { kind: 'engine', replica }, asOf: now - ago, ...here(state), ...make(state) }) as EngineCommand
const look = (verdict: GateLook['verdict'], warn = false): GateLook => ({
  gate: 'g',
  verdict,
  text: `It is ${verdict}.`,
  warn,
})
const effect = (app: string, from: number, to: number): Effect => ({
  id: `set ${app}`,
  action: 'set',
  target: app,
  before: { replicas: from },
  after: { replicas: to },
  on: { side: 'source', app, workload: app },
  text: `set ${app} to ${to}`,
})
const plans: Record<string, readonly PlannedEffect[]> = {
  one: ['a', 'b'].map((app) => ({ order: 0, effect: effect(app, 2, 0) })),
  two: [{ order: 0, effect: effect('c', 2, 0) }],
  three: [{ order: 0, effect: effect('a', 0, 2) }],
}
const planOf = (state: State) => {
  const step = currentStep(state.run!)!
  return step.undoOf ? undoPlan(state.run!, step.undoOf) : (plans[step.id] ?? [])
}
const seen = { gates: [look('passed')], facts: [] }
let nonces = 0
const think = engine(() => ({ do: 'think' }))
const ask = (more: object = {}) =>
  engine((state) => ({ do: 'ask', nonce: `n${++nonces}`, plan: planOf(state), ...seen, ...more }))
const rolesNow = new Map([alice, bob, carol].map(({ id }) => [id, ['operators']]))
const confirm = (more: object = {}, ago = 0) =>
  engine(
    (state) => ({
      do: 'confirm',
      nonce: nonceOf(currentStep(state.run!)!),
      plan: planOf(state),
      ...seen,
      roles: rolesNow,
      ...more,
    }),
    'one',
    ago,
  )
const claim = (effects: readonly string[], replica = 'one') =>
  engine(() => ({ do: 'claim', effects, forMs: 5000 }), replica)
const performed = (id: string, replica = 'one') =>
  engine(() => ({ do: 'performed', effect: id, text: 'done', facts: [] }), replica)
const partly = (id: string, replica = 'one') =>
  engine(() => ({ do: 'partly-performed', effect: id, text: 'half', facts: [] }), replica)
const broke = (id: string, final = false, replica = 'one') =>
  engine(() => ({ do: 'not-performed', effect: id, text: 'broken', final }), replica)
const looked = (phase: 'think' | 'check', outcome: unknown, more: object = {}) =>
  engine((state) => ({
    do: 'looked',
    phase,
    nonce: phase === 'think' ? nonceOf(currentStep(state.run!)!) : null,
    outcome,
    ...seen,
    ...more,
  }))
const hold = engine((state) => ({ do: 'hold', run: state.run!.id, gates: [look('failed')] }))

/** What comes before, for short. */
const asking = [start(), think, ask()]
const confirming = [...asking, approve(bob)]
const acting = [...confirming, confirm()]
const claimed = [...acting, claim(['set a', 'set b'])]
const checking = [...claimed, performed('set a'), performed('set b')]
const failed = [...checking, looked('check', { failed: 'It is not.' })]
const stepTwo = [...checking, looked('check', 'passed')]
const checkingTwo = [...stepTwo, ask(), approve(bob), confirm(), claim(['set c']), performed('set c')]
const toTarget = [{ order: 0, effect: { ...effect('a', 0, 2), on: { side: 'target', app: 'a' } } }]
/** As a cut-over leaves it: producers were started on the target, past the pivot. */
const onTarget = (flow: Flow = 'main'): readonly Before[] => [
  start(alice, { runbook: cutover, flow }),
  think,
  ask({ plan: toTarget }),
  approve(bob),
  confirm({ plan: toTarget }),
  claim(['set a']),
  performed('set a'),
  abort(),
  close(),
]
const stepThree = [...checkingTwo, looked('check', 'passed')]
const pastPivot = [...stepThree, ask(), approve(bob), confirm(), claim(['set a'])]
const two = start(alice, { runbook: model.runbook(threeSteps.replace('approve: operators', 'approve: two')) })
const escalating = start(alice, { migration: called })
const escalate = engine((state) => ({ do: 'escalate', nonce: nonceOf(currentStep(state.run!)!) }))
const rehearsal = start(alice, { mode: 'rehearsal' })
/** So much time passes before the next command. */
const later = (ms: number) => ({ ms })

const refused = (code: string) => ({ refused: code })
const acts = ['step-acting']
const toNext = ['step-passed', 'step-thinking']

const runs: readonly Row[] = [
  ['start begins a run', [], start(), ['run-started']],
  ['start takes a role', [], start(eve), refused('not-in-role')],
  ['start waits for the end of the run before', [start()], start(carol), refused('run-open')],
  ['start waits for the end of a stopped run too', [start(), abort()], start(carol), refused('run-open')],
  ['start after a closed run', [start(), abort(), close()], start(carol), ['run-started']],
  [
    'adopt is refused where the log knows a run that changed something',
    [...claimed, abort(), close()],
    start(carol, { runbook: { ...runbook, name: 'adopt' } }),
    refused('not-now'),
  ],
  [
    'and where runs have ended since',
    [...claimed, abort(), close(), start(), abort(), close(), start(), abort(), close()],
    start(carol, { runbook: { ...runbook, name: 'adopt' } }),
    refused('not-now'),
  ],
  [
    'adopt begins after a run that changed nothing: it may be how the loss was found',
    [start(), abort(), close()],
    start(carol, { runbook: { ...runbook, name: 'adopt' } }),
    ['run-started'],
  ],
  [
    'a cut-over is refused once producers run on the target',
    onTarget(),
    start(carol, { runbook: cutover }),
    refused('not-now'),
  ],
  ['its rehearsal, too', onTarget(), start(carol, { runbook: cutover, mode: 'rehearsal' }), refused('not-now')],
  ['other runbooks begin there', onTarget(), start(carol), ['run-started']],
  [
    'a cut-over begins after the canary, which has a side of its own',
    onTarget('canary'),
    start(carol, { runbook: cutover }),
    ['run-started'],
  ],
  [
    'a second canary is refused',
    [...onTarget('canary'), start(), abort(), close()],
    start(carol, { runbook: cutover, flow: 'canary' }),
    refused('not-now'),
  ],
  [
    'the rollback runbook is refused where no run has changed anything',
    [start(), abort(), close()],
    start(carol, { runbook: rollback }),
    refused('not-now'),
  ],
  [
    'it is refused after a rehearsal, too',
    [rehearsal, abort(), close()],
    start(carol, { runbook: rollback }),
    refused('not-now'),
  ],
  [
    'it begins after a run that was closed with things changed',
    [...claimed, performed('set a'), abort(), close()],
    start(carol, { runbook: rollback }),
    ['run-started'],
  ],
  [
    'nothing can be approved without a run',
    [],
    says(bob, () => ({ do: 'approve', run: 'night-1', step: 'one', attempt: 1, nonce: 'n', digest: 'd' })),
    refused('no-run'),
  ],
  ['abort stops, and names what is on the wire', claimed, abort(), ['run-aborted']],
  ['abort takes an approver of the run', asking, abort(eve), refused('not-in-role')],
  ['abort takes a reason', asking, abort(carol, ' '), refused('reason-missing')],
  ['abort once', [...asking, abort()], abort(bob), refused('already')],
  ['abort stops an armed run before it begins', [start(alice, { notBefore: 10 * hourMs })], abort(), ['run-aborted']],
  ['close takes a stopped run', [...asking, abort()], close(), ['run-closed']],
  ['close takes a failed run', failed, close(), ['run-closed']],
  ['close does not take a run that goes on', asking, close(), refused('not-now')],
  ['close takes an approver of the run', [...asking, abort()], close(eve), refused('not-in-role')],
  ['close takes a reason', [...asking, abort()], close(carol, ''), refused('reason-missing')],
  ['resume asks again for what was not yet done', [...asking, abort()], resume(), ['run-resumed', 'step-thinking']],
  ['resume checks again what was being checked', [...checking, abort()], resume(), ['run-resumed', 'step-checking']],
  ['resume leaves a failed step to Retry', [...failed, abort()], resume(), ['run-resumed']],
  ['resume releases a held run', [...acting, hold], resume(), ['run-released']],
  ['resume takes an approver of the run', [...asking, abort()], resume(eve), refused('not-in-role')],
  ['resume takes a run that is stopped', asking, resume(), refused('not-now')],
  ['hold holds', acting, hold, ['run-held']],
  ['hold once', [...acting, hold], hold, refused('already')],
  [
    'hold does not speak of another run',
    acting,
    engine(() => ({ do: 'hold', run: 'other-1', gates: [] })),
    refused('already'),
  ],
]

const approvals: readonly Row[] = [
  ['approve is enough where one is asked for', asking, approve(bob), ['approved']],
  ['the requester may not approve', asking, approve(alice), refused('requester')],
  ['nobody outside the role may', asking, approve(eve), refused('not-in-role')],
  [
    'nor anybody whose groups cannot be read',
    asking,
    (state, now) => ({ ...approve(bob)(state, now), roles: [] }) as Command,
    refused('not-in-role'),
  ],
  ['not after it has expired', [...asking, later(3 * hourMs)], approve(bob), refused('stale')],
  ['not for another attempt', asking, approve(bob, { attempt: 2 }), refused('stale')],
  ['not for another step', asking, approve(bob, { step: 'two' }), refused('stale')],
  ['not for another run', asking, approve(bob, { run: 'night-7' }), refused('stale')],
  ['not for another question of the same step', asking, approve(bob, { nonce: 'n0' }), refused('stale')],
  ['not for another plan', asking, approve(bob, { digest: 'other' }), refused('stale')],
  ['not before it is asked', [start(), think], approve(bob, { nonce: 'n', digest: 'd' }), refused('stale')],
  ['not when it acts already', acting, approve(carol, { nonce: 'n', digest: 'd' }), refused('stale')],
  ['not twice by one person', [two, think, ask(), approve(bob)], approve(bob), refused('already')],
  ['not once more than is enough', confirming, approve(carol), refused('already')],
  ['not in a stopped run', [...asking, abort()], approve(bob), refused('not-now')],
  ['the second of two is enough', [two, think, ask(), approve(bob)], approve(carol), ['approved']],
  [
    'an approval of the step before is none for the next',
    [...stepTwo, ask()],
    approve(bob, { step: 'one', attempt: 1 }),
    refused('stale'),
  ],
  [
    'what fell is not approved by an old click',
    [...confirming, confirm({ gates: [look('failed')] })],
    approve(bob, { nonce: 'n', digest: 'd' }),
    refused('stale'),
  ],
  [
    'approvals fall when a gate no longer passes at the moment of acting',
    confirming,
    confirm({ gates: [look('failed')] }),
    ['approvals-fell'],
  ],
  [
    'a gate that cannot be measured is none that passes',
    confirming,
    confirm({ gates: [look('error')] }),
    ['approvals-fell'],
  ],
  [
    'an inconclusive gate is none that passes',
    confirming,
    confirm({ gates: [look('inconclusive')] }),
    ['approvals-fell'],
  ],
  [
    'a warning stops nothing',
    [start(), think, ask({ gates: [look('failed', true)] }), approve(bob)],
    confirm({ gates: [look('failed', true)] }),
    acts,
  ],
  ['approvals fall when the plan has changed', confirming, confirm({ plan: plans.two }), ['approvals-fell']],
  [
    'approvals fall when an effect would begin elsewhere',
    confirming,
    confirm({ plan: [{ order: 0, effect: effect('a', 5, 0) }, plans.one![1]!] }),
    ['approvals-fell'],
  ],
  [
    'approvals fall when the one who decided has lost the role',
    confirming,
    confirm({ roles: new Map([[bob.id, []]]) }),
    ['approvals-fell'],
  ],
  [
    'approvals fall when one of two has lost the role',
    [two, think, ask(), approve(bob), approve(carol)],
    confirm({
      roles: new Map([
        [bob.id, []],
        [carol.id, ['operators']],
      ]),
    }),
    ['approvals-fell'],
  ],
  ['approvals fall when membership cannot be read', confirming, confirm({ roles: new Map() }), ['approvals-fell']],
  ['confirm is for the question that stands', confirming, confirm({ nonce: 'other' }), refused('superseded')],
  [
    'confirm does nothing before enough have approved',
    [two, think, ask(), approve(bob)],
    confirm(),
    refused('superseded'),
  ],
  ['confirm does nothing in a held run', [...confirming, hold], confirm(), refused('superseded')],
  ['confirm does nothing in a stopped run', [...confirming, abort()], confirm(), refused('superseded')],
  ['confirm does nothing on what was seen long ago', confirming, confirm({}, 61_000), refused('superseded')],
  [
    'others are called when nobody approves in time',
    [escalating, think, ask(), later(hourMs)],
    escalate,
    ['escalated'],
  ],
  ['others are called once', [escalating, think, ask(), later(hourMs), escalate], escalate, refused('superseded')],
  ['nobody is called where the policy names nobody', [...asking, later(hourMs)], escalate, refused('superseded')],
  [
    'a question that expires falls, and is asked again',
    asking,
    engine((state) => ({ do: 'fall', nonce: nonceOf(currentStep(state.run!)!), why: 'expired' })),
    ['approvals-fell'],
  ],
  [
    'a question that is over does not fall',
    asking,
    engine(() => ({ do: 'fall', nonce: 'other', why: 'expired' })),
    refused('superseded'),
  ],
]

const engineRows: readonly Row[] = [
  ['a step begins to think', [start()], think, ['step-thinking']],
  ['a step begins once', [start(), think], think, refused('superseded')],
  ['nothing begins in a stopped run', [start(), abort()], think, refused('superseded')],
  ['a look that changes nothing says nothing', [start(), think, looked('think', 'wait')], looked('think', 'wait'), []],
  [
    'a change of verdict is said',
    [start(), think],
    looked('think', 'wait', { gates: [look('failed')] }),
    ['think-changed'],
  ],
  [
    'while it asks, a gate that no longer passes takes the approvals with it',
    asking,
    looked('think', 'wait', { gates: [look('failed')] }),
    ['approvals-fell', 'think-changed'],
  ],
  [
    'a look at an earlier question takes none',
    asking,
    looked('think', 'wait', { gates: [look('failed')], nonce: 'other' }),
    refused('superseded'),
  ],
  ['a plan is asked', [start(), think], ask(), ['step-planned', 'effect-planned', 'effect-planned']],
  ['a plan is asked once', asking, ask(), refused('superseded')],
  [
    'a step without anything to do is not asked',
    [start(), think],
    ask({ plan: [] }),
    ['step-planned', 'step-acting', 'step-checking'],
  ],
  ['a rehearsal asks all the same', [rehearsal, think], ask({ plan: [] }), ['step-planned']],
  [
    'a rehearsal does nothing, and passes',
    [rehearsal, think, ask(), approve(bob)],
    confirm(),
    ['step-acting', ...toNext],
  ],
  ['what holds is acted on', confirming, confirm(), acts],
  ['effects are claimed', acting, claim(['set a', 'set b']), ['effects-claimed']],
  ['what another has in hand is not claimed', claimed, claim(['set a'], 'two'), refused('superseded')],
  [
    'what another had in hand for too long is claimed',
    [...claimed, later(5000)],
    claim(['set a'], 'two'),
    ['effects-claimed'],
  ],
  ['nothing is claimed that is not in the plan', acting, claim(['set z']), refused('superseded')],
  ['nothing is claimed in a held run', [...acting, hold], claim(['set a']), refused('superseded')],
  ['nothing is claimed in a stopped run', [...acting, abort()], claim(['set a']), refused('superseded')],
  ['nothing is claimed before it is approved', asking, claim(['set a']), refused('superseded')],
  ['an effect is done', claimed, performed('set a'), ['effect-done']],
  [
    'the last one leads to the check',
    [...claimed, performed('set a')],
    performed('set b'),
    ['effect-done', 'step-checking'],
  ],
  ['an effect is done once', [...claimed, performed('set a')], performed('set a', 'two'), refused('superseded')],
  ['what was on the wire at an abort is recorded', [...claimed, abort()], performed('set a'), ['effect-done']],
  [
    'an effect too large for one call is claimed again',
    [...claimed, partly('set a')],
    claim(['set a']),
    ['effects-claimed'],
  ],
  ['it goes on in the hands of whoever has it', claimed, partly('set a', 'two'), refused('superseded')],
  ['as much as was done is recorded', claimed, partly('set a'), ['effect-continued']],
  ['an effect that fails is tried again', claimed, broke('set a'), ['effect-failed']],
  [
    'the third time its step fails',
    [...claimed, broke('set a'), claim(['set a']), broke('set a'), claim(['set a'])],
    broke('set a'),
    ['effect-failed', 'step-failed'],
  ],
  [
    'a gate that kept an effect waiting for too long fails its step',
    acting,
    broke('set a', true),
    ['effect-failed', 'step-failed'],
  ],
  [
    'who woke late does not fail what another has in hand',
    [...claimed, later(5000), claim(['set a'], 'two')],
    broke('set a'),
    refused('superseded'),
  ],
  ['what is done does not fail', [...claimed, performed('set a')], broke('set a', true), refused('superseded')],
  ['a check that passes leads to the next step', checking, looked('check', 'passed'), toNext],
  ['a check that fails fails the step', checking, looked('check', { failed: 'It is not.' }), ['step-failed']],
  [
    'a check that waits says what changed',
    checking,
    looked('check', 'wait', { gates: [look('failed')] }),
    ['check-changed'],
  ],
  ['a check is of a step that is checked', acting, looked('check', 'passed'), refused('superseded')],
  [
    'the last step ends the run',
    [...pastPivot, performed('set a')],
    looked('check', 'passed'),
    ['step-passed', 'run-finished'],
  ],
  [
    'what comes from another attempt is over',
    [...failed, retry()],
    engine(() => ({ do: 'ask', attempt: 1, nonce: 'n', plan: [], ...seen })),
    refused('superseded'),
  ],
]

const afterFailure: readonly Row[] = [
  ['retry is another attempt', failed, retry(), ['step-thinking']],
  ['retry takes the role of the step', failed, retry(eve), refused('not-in-role')],
  ['retry takes a step that has failed', asking, retry(), refused('stale')],
  ['retry is for the attempt that failed', failed, retry(carol, { attempt: 2 }), refused('stale')],
  ['retry waits for Resume', [...failed, abort()], retry(), refused('not-now')],
  [
    'retry ends with the attempts of the runbook',
    [
      start(alice, { runbook: { ...runbook, steps: runbook.steps.map((step) => ({ ...step, attempts: 1 })) } }),
      ...failed.slice(1),
    ],
    retry(),
    refused('not-now'),
  ],
  ['skip leads to the next step', failed, skip(), ['step-skipped', 'step-thinking']],
  ['skip takes the role that the runbook names', failed, skip(eve), refused('not-in-role')],
  ['skip takes a reason', failed, skip(carol, ' '), refused('reason-missing')],
  [
    'skip takes a step that may be skipped',
    [...checkingTwo, looked('check', { failed: 'no' })],
    skip(),
    refused('not-now'),
  ],
  ['skip takes a step that has failed', asking, skip(), refused('stale')],
  ['skip waits for Resume', [...failed, abort()], skip(), refused('not-now')],
  ['rolling back before the pivot undoes what was begun', claimed, back(), ['rollback-begun']],
  ['rolling back where nothing was done closes the run', asking, back(), ['run-closed']],
  [
    'it starts the rollback runbook at once where an earlier run has brought producers to the target',
    [...onTarget(), start(), think],
    back(),
    ['run-closed', 'run-started'],
  ],
  [
    'it closes a rollback that has changed nothing',
    [...onTarget(), start(alice, { runbook: rollback })],
    back(),
    ['run-closed'],
  ],
  ['and a rehearsal, which starts nothing real', [...onTarget(), rehearsal], back(), ['run-closed']],
  ['rolling back from the pivot on starts the rollback runbook', pastPivot, back(), ['run-closed', 'run-started']],
  ['rolling back from the pivot on takes such a runbook', pastPivot, back(carol, 'sick', null), refused('not-now')],
  ['rolling back once', [...claimed, back()], back(), refused('already')],
  ['rolling back takes an approver of the run', claimed, back(eve), refused('not-in-role')],
  ['rolling back takes a reason', claimed, back(carol, ''), refused('reason-missing')],
  [
    'undoing is asked for like any step',
    [...claimed, back(), think],
    ask(),
    ['step-planned', 'effect-planned', 'effect-planned'],
  ],
  [
    'undoing ends the run',
    [
      ...claimed,
      back(),
      think,
      ask(),
      approve(bob),
      confirm(),
      claim(['undo set a', 'undo set b']),
      performed('undo set a'),
      performed('undo set b'),
    ],
    looked('check', 'passed'),
    ['step-passed', 'run-finished'],
  ],
  ['one app is left out, for a reason', acting, waive(carol, 'exclude'), ['app-waived']],
  [
    'leaving out the last that was open leads to the check',
    [...claimed, performed('set a')],
    waive(carol, 'exclude'),
    ['app-waived', 'step-checking'],
  ],
  ['one app is forced', acting, waive(carol, 'force'), ['app-waived']],
  ['an app is waived by an approver', acting, waive(eve, 'exclude'), refused('not-in-role')],
  ['an owner’s word is an owner’s', acting, waive(carol, 'word'), refused('not-in-role')],
  ['an app is waived for a reason', acting, waive(carol, 'force', { reason: '' }), refused('reason-missing')],
  ['an app is waived once', [...acting, waive(carol, 'force')], waive(bob, 'force'), refused('already')],
  ['only an app of the migration is waived', acting, waive(carol, 'force', { app: 'zz' }), refused('stale')],
  ['a question is answered', checkingTwo, answer(bob), ['answered']],
  ['a question is answered by its role', checkingTwo, answer(eve), refused('not-in-role')],
  ['only what is asked is answered', checkingTwo, answer(bob, { question: 'Tea?' }), refused('stale')],
  ['only while it is asked', checking, answer(bob), refused('stale')],
]

const alert: AlertFacts = { cause: 'lag/b', severity: 'warning', title: 'b', text: 'b lags.', side: 'source' }
const monitor =
  (...wanted: readonly AlertFacts[]): Said =>
  () => ({ by: { kind: 'monitor' }, do: 'alerts', wanted })
const alerts: readonly Row[] = [
  ['what is wrong is raised', [], monitor(alert), ['alert-raised']],
  ['what is known decides to nothing', [monitor(alert)], monitor(alert), []],
  [
    'what says something else is updated',
    [monitor(alert)],
    monitor({ ...alert, text: 'b lags more.' }),
    ['alert-updated'],
  ],
  ['what is gone is closed', [monitor(alert)], monitor(), ['alert-closed']],
  [
    'an alert is acknowledged',
    [monitor(alert)],
    says(bob, () => ({ do: 'acknowledge', cause: alert.cause })),
    ['alert-acknowledged'],
  ],
  [
    'an alert is snoozed',
    [monitor(alert)],
    says(bob, () => ({ do: 'snooze', cause: alert.cause, until: 1 })),
    ['alert-snoozed'],
  ],
  [
    'by people of a role',
    [monitor(alert)],
    says(eve, () => ({ do: 'acknowledge', cause: alert.cause })),
    refused('not-in-role'),
  ],
  [
    'while it is open',
    [monitor(alert), monitor()],
    says(bob, () => ({ do: 'acknowledge', cause: alert.cause })),
    refused('stale'),
  ],
]

const audit = (by: Person, topic: string | null = null) => says(by, () => ({ do: 'audit', topic }))
const audited =
  (id = 'audit-1'): Said =>
  () => ({
    by: { kind: 'engine', replica: 'one' },
    asOf: 0,
    do: 'audited',
    audit: id,
    text: 'Nothing differs.',
    digest: 'd',
  })
const audits: readonly Row[] = [
  ['anyone may ask for one, whether a run is open or not', [], audit(eve), ['audit-begun']],
  ['a second is refused while one is under way', [audit(eve)], audit(bob, 'orders'), refused('already')],
  ['its end is recorded, however long it took', [audit(eve), { ms: hourMs }], audited(), ['audit-ended']],
  ['after it the next may be asked for', [audit(eve), audited()], audit(bob), ['audit-begun']],
  ['it ends once', [audit(eve), audited()], audited(), refused('superseded')],
]

describe.each([
  ['a run', runs],
  ['an approval', approvals],
  ['the engine', engineRows],
  ['after a failure', afterFailure],
  ['an alert', alerts],
  ['an audit', audits],
] as const)('%s', (_of, rows) => {
  it.each(rows)('%s', (_what, given, said, then) => {
    const { state, now } = lived(given)
    expect(outcome(decide(state, said(state, now), now))).toEqual(then)
  })
})

it('says which run brought producers to the target, and what goes back', () => {
  const told = (given: readonly Before[], flow: Flow = 'main') => {
    const { state, now } = lived(given)
    const decided = decide(state, start(carol, { runbook: cutover, flow })(state, now), now)
    return 'refused' in decided ? decided.refused : null
  }
  const past = [start(), abort(), close(), start(), abort(), close()]
  expect(told([...onTarget(), ...past])).toBe(
    'Producers already run on the target, since run cutover-1. /migrate rollback goes back.',
  )
  expect(told([...onTarget('canary'), ...past], 'canary')).toBe(
    "The canary's producers already run on the target, since run canary-cutover-1. /migrate canary rollback goes back.",
  )
})

describe('a log that took over from one that was lost', () => {
  it('may have changed something itself, if it is the beginning of it', () => {
    const { state, now } = lived(onTarget())
    const adopts = (lost: boolean) =>
      outcome(
        decide(state, start(carol, { runbook: { ...runbook, name: 'adopt', rollback: null }, lost })(state, now), now),
      )
    expect([adopts(false), adopts(true)]).toEqual([{ refused: 'not-now' }, ['run-started']])
  })

  it('tells each run once, as what was kept knows it, and stands in the place of all heads', () => {
    const before = [start(), abort(), close(), start(), abort(), close()]
    const kept = lived(before).state
    const known = lived([...before, start()]).state
    const adopted = {
      type: 'adopted',
      run: 'adopt-3',
      head: { version: 12, head: 'h12' },
      heads: [12, 10].map((version) => ({ version, head: `h${version}` })),
      activeSide: 'source',
      past: kept.past.map((one) => ({ ...one, title: 'as kept' })),
      adopted: kept.run,
    } as const
    const { past, run, adopted: heads } = chain(known, [adopted], alice, 9).reduce(apply, known)
    expect(past.map(({ id, title }) => [id, title === 'as kept'])).toEqual([
      ['night-1', true],
      ['night-3', false],
    ])
    expect(run?.id).toBe('night-2')
    expect(heads.map(({ version }) => version)).toEqual([12, 10])
  })

  const adopts = (activeSide: Side, run: Run | null): State => {
    const adopted = {
      type: 'adopted',
      run: 'adopt-1',
      head: { version: 9, head: 'h' },
      activeSide,
      past: [],
      adopted: run,
    } as const
    return chain(emptyState, [adopted], alice, 1).reduce(apply, emptyState)
  }

  it.each([
    ['knows which run brought producers to the target', lived(onTarget()).state.run, ', since run cutover-1'],
    ['or only that they are there', null, ''],
  ])('%s', (_what, run, since) => {
    const state = adopts('target', run)
    expect(decide(state, start(carol, { runbook: cutover })(state, 2), 2)).toMatchObject({
      refused: `Producers already run on the target${since}. /migrate rollback goes back.`,
    })
  })
})

describe('approving by words', () => {
  const words = (given: readonly Before[], by: Person, line: string) => {
    const { state, now } = lived(given)
    const asker = { by, roles: rolesOf(by) }
    const wanted = wantedOf(parseWords(line) as Act, state, { runbook: null, ...sources, asker }, now)
    return 'mistake' in wanted ? wanted.mistake : wanted.do
  }
  const codeOf = (given: readonly Before[]) => {
    const { phase } = currentStep(lived(given).state.run!)!
    return 'digest' in phase ? phase.digest.slice(0, 6) : ''
  }
  const changed = [
    ...confirming,
    confirm({ gates: [look('failed')] }),
    ask({ plan: [{ order: 0, effect: effect('a', 3, 0) }] }),
  ]

  it.each([
    ['takes the name of the step', asking, bob, `approve one ${codeOf(asking)}`, 'approve'],
    ['or its number', asking, bob, `approve 1 ${codeOf(asking)}`, 'approve'],
    ['names a step that does not ask', asking, bob, `approve 2 ${codeOf(asking)}`, 'It is not 2 that asks.'],
    ['knows no code that was never shown', asking, bob, 'approve 1 zzz', 'There is no code zzz'],
    ['tells it from one that was', changed, bob, `approve 1 ${codeOf(asking)}`, 'has changed since it was shown'],
    ['tells who may that it is theirs', asking, bob, 'approve', 'To approve exactly this: approve one'],
    [
      'tells whoever asked for the run that it is not',
      asking,
      alice,
      'approve',
      'You cannot approve it. You asked for',
    ],
    ['and who is in no role for it', asking, eve, 'approve', 'takes the role operators, which Eve is not in'],
  ])('%s', (_what, given, by, line, answer) => {
    expect(words(given, by, line)).toContain(answer)
  })
})

it('has a row for every command that there is', () => {
  const known: Record<Command['do'], true> = {
    start: true,
    approve: true,
    abort: true,
    resume: true,
    close: true,
    retry: true,
    skip: true,
    answer: true,
    rollback: true,
    waive: true,
    acknowledge: true,
    snooze: true,
    think: true,
    looked: true,
    ask: true,
    confirm: true,
    fall: true,
    escalate: true,
    claim: true,
    performed: true,
    'not-performed': true,
    hold: true,
    'partly-performed': true,
    audit: true,
    audited: true,
    alerts: true,
  }
  const said = [...runs, ...approvals, ...engineRows, ...afterFailure, ...alerts, ...audits].map(
    ([, given, command]) => {
      const { state, now } = lived(given)
      return command(state, now).do
    },
  )
  expect(Object.keys(known).filter((one) => !said.includes(one as Command['do']))).toEqual([])
})

/** What comes before a row must all be allowed, or the row would say something of another state. */
function lived(given: readonly Before[]): { state: State; now: number } {
  let state = emptyState
  let now = 1_000_000
  for (const said of given) {
    now += 'ms' in said ? said.ms : 10
    if ('ms' in said) continue
    const command = said(state, now)
    const decided = decide(state, command, now)
    if ('refused' in decided) throw new Error(`${command.do}: ${decided.refused}`)
    state = chain(state, decided, command.by, now).reduce(apply, state)
  }
  return { state, now: now + 10 }
}

function outcome(decided: ReturnType<typeof decide>): readonly string[] | { refused: string } {
  return 'refused' in decided ? { refused: decided.code } : decided.map(({ type }) => type)
}

function rolesOf(by: Person): readonly string[] {
  return by === eve ? [] : ['operators']
}
