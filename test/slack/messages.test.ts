import { describe, expect, it } from '@jest/globals'
import { createBlockRules } from '../../lab/slack/blocks/validate.js'
import type { Event, RunStarted } from '../../src/run/events.js'
import { emptyState, type State } from '../../src/run/state.js'
import { statusLines } from '../../src/slack/messages/board.js'
import { messages } from '../../src/slack/messages/index.js'
import type { Message } from '../../src/slack/messages/message.js'
import { turnedBack } from '../../src/slack/messages/turned-back.js'
import {
  acting,
  ann,
  asking,
  at,
  began,
  bob,
  effect,
  engine,
  type Line,
  look,
  migrationOf,
  monitor,
  passing,
  runbook,
  start,
  steps,
  thinking,
  told,
} from './chapters.js'

const slack = createBlockRules({ fileReady: () => true, reachable: () => true })
const now = start + 600_000
const evil = ' <!channel> & <https://evil|*click*>'

/** The same chapter in its smallest and its largest form. */
const small = {
  n: 1,
  m: migrationOf(3),
  text: 'x',
  gates: [look('drained source', 'failed', 'orders-0 has 12 records.')],
}
const large = {
  n: 300,
  m: migrationOf(300, evil),
  text: `${'a very long sentence of what was seen '.repeat(60)}${evil}`,
  gates: Array.from({ length: 100 }, (_, i) =>
    look(
      `gate-${i} ${evil}`,
      (['failed', 'error', 'inconclusive', 'passed'] as const)[i % 4]!,
      `${evil} ${'records '.repeat(200)}`,
    ),
  ),
}
type Size = typeof small

const effects = ({ n, text }: Size) => Array.from({ length: n }, (_, i) => effect(i, `scale checkout-${i} ${text}`))
const upTo = (size: Size): Line[] => [began(size.m), ...passing('stop-mirror', []), ...passing('switch-valve', [])]
const ask = (size: Size, step = 'stop-producers'): Line[] => [
  ...upTo(size),
  thinking(step),
  ...asking(step, effects(size), size.gates),
]
const armed = (m: Size['m']): Line => {
  const [by, event] = began(m) as readonly [Line[0], Extract<Event, { type: 'run-started' }>]
  return [by, { ...event, notBefore: now + 3_600_000 }]
}
const rehearsal = (m: Size['m']): Line => {
  const [by, event] = began(m) as readonly [Line[0], Extract<Event, { type: 'run-started' }>]
  return [by, { ...event, mode: 'rehearsal' }]
}
/** As `decide` names what a rehearsal leaves unproved. */
const required = [{ ...look('mirror-final', 'inconclusive', 'Would be required.'), warn: true }]
const alert = ({ text }: Size): Event => ({
  type: 'alert-raised',
  alert: {
    cause: 'lag/billing',
    severity: 'critical',
    title: text.slice(0, 400),
    text,
    side: 'source',
    group: 'billing',
    evidence: { records: 1204, why: text },
  },
})

const chapters: Record<string, (size: Size) => readonly Line[]> = {
  begun: ({ m }) => [began(m)],
  thinking: ({ m, gates }) => [
    began(m),
    thinking('stop-producers'),
    [engine, { type: 'think-changed', ...at('stop-producers'), gates }],
  ],
  asking: (size) => ask(size),
  'asking at the pivot': (size) => [
    began(size.m),
    ...steps.slice(0, 5).flatMap((step) => passing(step.id)),
    thinking('start-producers'),
    ...asking('start-producers', effects(size)),
  ],
  'asking after the pivot': (size) => [
    began(size.m),
    ...steps.slice(0, 6).flatMap((step) => passing(step.id)),
    thinking('start-dam'),
    ...asking('start-dam', effects(size)),
  ],
  rehearsed: (size) => [
    rehearsal(size.m),
    thinking('stop-mirror'),
    ...asking('stop-mirror', effects(size)),
    [bob, { type: 'approved', ...at('stop-mirror'), nonce: 'n1', digest: 'e', enough: true }],
    [engine, { type: 'step-acting', ...at('stop-mirror'), gates: [] }],
    [engine, { type: 'step-passed', ...at('stop-mirror'), gates: required }],
    thinking('switch-valve'),
    ...asking('switch-valve', effects(size), [
      { ...look('drained source', 'failed', 'Pass drained first.'), warn: true },
    ]),
  ],
  'rehearsed to its end': (size) => [
    rehearsal(size.m),
    ...steps.flatMap((step): Line[] => [
      thinking(step.id),
      ...asking(step.id, effects(size)),
      [bob, { type: 'approved', ...at(step.id), nonce: 'n1', digest: 'e', enough: true }],
      [engine, { type: 'step-acting', ...at(step.id), gates: [] }],
      [engine, { type: 'step-passed', ...at(step.id), gates: required }],
    ]),
    [engine, { type: 'run-finished', run: 'cutover-1' }],
  ],
  'stopped and closed': (size) => [
    ...ask(size),
    [bob, { type: 'run-aborted', run: 'cutover-1', reason: size.text, onTheWire: [] }],
    [ann, { type: 'run-closed', run: 'cutover-1', reason: size.text }],
  ],
  'stopped with producers down': (size) => [
    ...upTo(size),
    ...passing('stop-producers', effects(size)),
    [bob, { type: 'run-aborted', run: 'cutover-1', reason: size.text, onTheWire: [] }],
  ],
  fell: (size) => [...ask(size), [engine, { type: 'approvals-fell', ...at('stop-producers'), why: size.text }]],
  escalated: (size) => [
    ...ask(size),
    [engine, { type: 'escalated', ...at('stop-producers'), nonce: 'n1', role: 'owners' }],
  ],
  'asked again': (size) => [
    ...ask(size),
    [bob, { type: 'approved', ...at('stop-producers'), nonce: 'n1', digest: 'e', enough: true }],
    [engine, { type: 'approvals-fell', ...at('stop-producers'), why: `b is new. ${size.text}` }],
    ...asking('stop-producers', effects(size), size.gates),
  ],
  armed: ({ m }) => [armed(m)],
  confirming: (size) => [
    ...ask(size),
    [bob, { type: 'approved', ...at('stop-producers'), nonce: 'n1', digest: 'e', enough: true }],
  ],
  acting: (size) => [
    ...ask(size),
    ...acting('stop-producers', effects(size).slice(0, 1)),
    ...effects(size)
      .slice(1)
      .map(
        (one): Line => [engine, { type: 'effect-failed', ...at('stop-producers'), effect: one.id, text: size.text }],
      ),
  ],
  checking: (size) => [
    ...ask(size),
    ...acting('stop-producers', effects(size)),
    [engine, { type: 'step-checking', ...at('stop-producers') }],
    [engine, { type: 'check-changed', ...at('stop-producers'), gates: size.gates }],
  ],
  question: ({ m }) => [
    began(m),
    ...steps.slice(0, 8).flatMap((step) => passing(step.id)),
    thinking('validate'),
    [engine, { type: 'step-checking', ...at('validate') }],
  ],
  refused: ({ m, text }) => [
    began(m),
    ...steps.slice(0, 8).flatMap((step) => passing(step.id)),
    thinking('validate'),
    [engine, { type: 'step-checking', ...at('validate') }],
    [
      ann,
      {
        type: 'answered',
        ...at('validate'),
        question: 'Is your app all right?',
        yes: true,
        apps: m.apps.slice(0, -1).map(({ name }) => name),
      },
    ],
    [
      bob,
      {
        type: 'answered',
        ...at('validate'),
        question: 'Is your app all right?',
        yes: false,
        apps: [m.apps.at(-1)!.name],
        reason: text,
      },
    ],
  ],
  passed: (size) => [...upTo(size), ...passing('stop-producers', effects(size))],
  failed: (size) => [
    ...ask(size),
    ...acting('stop-producers', []),
    [engine, { type: 'step-failed', ...at('stop-producers'), why: size.text, gates: size.gates }],
  ],
  stuck: (size) => [
    ...ask(size),
    ...acting('stop-producers', []),
    ...effects(size).map(
      (one): Line => [engine, { type: 'effect-failed', ...at('stop-producers'), effect: one.id, text: size.text }],
    ),
    [engine, { type: 'step-failed', ...at('stop-producers'), why: size.text, gates: size.gates }],
  ],
  skipped: (size) => [
    ...ask(size),
    [engine, { type: 'step-failed', ...at('stop-producers'), why: size.text, gates: [] }],
    [ann, { type: 'step-skipped', ...at('stop-producers'), reason: size.text }],
  ],
  stopped: (size) => [
    ...ask(size),
    [bob, { type: 'run-aborted', run: 'cutover-1', reason: size.text, onTheWire: effects(size).map((one) => one.id) }],
  ],
  held: (size) => [...ask(size), [engine, { type: 'run-held', run: 'cutover-1', gates: size.gates }]],
  'rolled back': (size) => [
    began(size.m),
    ...passing('stop-mirror', effects(size)),
    [bob, { type: 'rollback-begun', run: 'cutover-1', reason: size.text, undo: ['stop-mirror'] }],
    thinking('undo-stop-mirror'),
    ...asking('undo-stop-mirror', effects(size)),
  ],
  finished: (size) => [
    began(size.m),
    ...steps.flatMap((step) => passing(step.id, effects(size))),
    [engine, { type: 'run-finished', run: 'cutover-1' }],
  ],
  closed: (size) => [...ask(size), [bob, { type: 'run-closed', run: 'cutover-1', reason: size.text }]],
  alert: (size) => [[monitor, alert(size)]],
  'alert taken': (size) => [
    [monitor, alert(size)],
    [ann, { type: 'alert-acknowledged', cause: 'lag/billing' }],
    [ann, { type: 'alert-snoozed', cause: 'lag/billing', until: now + 9e5 }],
  ],
  'alert over': (size) => [
    [monitor, alert(size)],
    [monitor, { type: 'alert-closed', cause: 'lag/billing', text: size.text }],
  ],
}

const draw = (state: State): readonly Message[] => [
  ...messages(state, null, { at: now, groups: [{ group: 'billing-0', records: 1204, state: 'ok' }] }, now).values(),
]
const words = (message: Message): string => JSON.stringify(message)
const one = (chapter: string, key: string, size: Size = small): Message => {
  const found = draw(told(chapters[chapter]!(size))).findLast((message) => message.key.startsWith(key))
  if (!found) throw new Error(`no message ${key} in chapter ${chapter}`)
  return found
}

describe('every message', () => {
  const cases = Object.keys(chapters).flatMap((name) => [
    [name, 'small', small] as const,
    [name, 'large', large] as const,
  ])

  it.each(cases)('of a run that is %s is one that Slack takes: %s', (name, _, size) => {
    for (const message of draw(told(chapters[name]!(size)))) {
      const blocks = message.blocks.filter((block) => block.type !== 'graph')
      expect(() => slack.message(JSON.parse(JSON.stringify(blocks)))).not.toThrow()
      expect(message.text).toMatch(/[.!?…]$/m)
      expect(message.text.length).toBeLessThan(1600)
    }
  })

  it.each(cases)('of a run that is %s lets no markup in from outside: %s', (name, _, size) => {
    for (const message of draw(told(chapters[name]!(size))))
      expect(words({ ...message, blocks: message.blocks.filter((block) => block.type !== 'header') })).not.toMatch(
        /<!channel|<https:/,
      )
  })

  it('says nothing while nothing has been asked for', () => {
    expect(draw(emptyState)).toEqual([])
  })

  it('stays the same while nothing happens, so that nothing is sent', () => {
    const state = told(chapters.checking!(small))
    expect(messages(state, null, null, now)).toEqual(messages(state, null, null, now + 60_000))
  })
})

describe('the record of a run that is over', () => {
  const fact = (run: string): Line => [
    engine,
    { type: 'fact-recorded', run, step: 'stop-mirror', attempt: 1, name: 'waterline', digest: run },
  ]
  const next = (n: number): Line => {
    const [by, event] = began() as readonly [Line[0], Extract<Event, { type: 'run-started' }>]
    return [by, { ...event, run: `cutover-${n}` }]
  }
  const ends: Record<string, readonly Line[]> = {
    finished: chapters.finished!(small),
    closed: chapters.closed!(small),
    'closed while it was proved': [
      ...chapters.checking!(small),
      [bob, { type: 'run-closed', run: 'cutover-1', reason: 'x' }],
    ],
    'closed while it was measured': [
      began(),
      thinking('stop-mirror'),
      [bob, { type: 'run-closed', run: 'cutover-1', reason: 'x' }],
    ],
  }

  it.each(Object.keys(ends))('stays as it is, whatever happens after it: %s', (name) => {
    const lines = [...ends[name]!.slice(0, -1), fact('cutover-1'), ends[name]!.at(-1)!]
    const ended = told(lines)
    const own = (state: State, lag: number, at: number) =>
      [...messages(state, null, { at, groups: [{ group: 'billing-0', records: lag, state: 'ok' }] }, at)].filter(
        ([key]) => key.includes('/cutover-1'),
      )
    const atEnd = own(ended, 12, start + lines.length * 1000)
    const later: readonly Line[] = [
      [monitor, alert(small)],
      [ann, { type: 'audit-begun', audit: 'audit-1', topic: null }],
      next(2),
      thinking('stop-mirror'),
      ...asking('stop-mirror'),
      fact('cutover-2'),
    ]
    for (let n = 1; n <= later.length; n++)
      expect(own(told([...lines, ...later.slice(0, n)]), 99, now + 1e7)).toEqual(atEnd)
    expect(words(atEnd.find(([key]) => key.startsWith('board/'))![1])).toContain(`Log version ${lines.length},`)
    if (name === 'closed while it was proved')
      expect(words(atEnd.find(([key]) => key.includes('stop-producers'))![1])).toContain('The run was closed here')
  })

  it('is left standing when its run is no longer told at all', () => {
    for (const lines of Object.values(ends))
      expect(draw(told(lines)).filter(({ over }) => over !== undefined)).toEqual([])
  })
})

describe('the board', () => {
  it('has a line for each of the nine steps', () => {
    const text = words(one('asking', 'board/'))
    for (const [i, step] of steps.entries()) expect(text).toMatch(new RegExp(`${i + 1}\\. \\*?${step.title}`))
    expect(text).toContain('Stop producers*: waits for approval')
  })

  it.each([
    ['begun', 'Free until step 1'],
    ['asking', 'would undo nothing'],
    ['passed', 'undoes 1 change of 1 step'],
    ['passed', 'No longer free'],
    ['finished', 'Producers run on the source'],
  ])('of a run that is %s says: %s', (chapter, text) => {
    expect(
      draw(told(chapters[chapter]!(small)))
        .map(words)
        .join(),
    ).toContain(text)
  })

  it('says of a run that has changed nothing what going back does where producers are on the target by another', () => {
    const state = { ...told(chapters.asking!(small)), activeSide: 'target' as const }
    expect(words(draw(state)[0]!)).toContain('rolling back now runs the runbook rollback')
  })

  it('names the pivot once it is behind', () => {
    const state = told([...chapters['asking at the pivot']!(small), ...acting('start-producers', effects(small))])
    expect(words(draw(state)[0]!)).toContain('The pivot is behind: rolling back now runs the runbook rollback')
  })
})

describe('what /migrate status says', () => {
  const undo = (step: string): readonly Line[] => passing(`undo-${step}`, [effect(0, 'start it again')])
  const wayBack = {
    ...runbook,
    name: 'rollback',
    rollback: null,
    steps: steps.map((step) => ({ ...step, undo: step.id === 'stop-producers' ? ('none' as const) : step.undo })),
  }
  const said: Record<string, readonly Line[]> = {
    ...Object.fromEntries(Object.entries(chapters).map(([name, lines]) => [name, lines(small)])),
    undone: [
      began(),
      ...passing('stop-mirror'),
      [bob, { type: 'rollback-begun', run: 'cutover-1', reason: 'x', undo: ['stop-mirror'] }],
      ...undo('stop-mirror'),
      [engine, { type: 'run-finished', run: 'cutover-1' }],
    ],
    'a way back that failed': [
      began(small.m, wayBack),
      ...steps.slice(0, 4).flatMap((step) => passing(step.id)),
      thinking('stop-dam'),
      [engine, { type: 'step-failed', ...at('stop-dam'), why: 'the dam hangs', gates: [] }],
    ],
  }

  it.each([
    ['rehearsed', '*Rehearsal: Cut over from source to target, mirror first* (run cutover-1, *a rehearsal: nothing is'],
    ['rehearsed', '*Aborting.* Free: a rehearsal changes nothing.'],
    ['failed', 'UTC>: x. It waits for a person: `/migrate retry` (2 attempts left), `/migrate skip REASON` (the role'],
    ['failed', '`/migrate rollback REASON` or `/migrate close REASON`.'],
    ['a way back that failed', ': the dam hangs. It waits'],
    [
      'a way back that failed',
      '*Going back.* This run is the way back. Rolling back now closes it and begins the way back',
    ],
    ['undone', 'Rolled back: 1 step undone, the last at'],
    ['finished', '*Going back.* The run is over; `/migrate rollback` starts the rollback runbook.'],
  ])('of a run that is %s: %s', (chapter, text) => {
    expect(statusLines(told(said[chapter]!)).join('\n')).toContain(text)
  })

  it.each(['finished', 'rehearsed to its end', 'closed', 'undone', 'stopped'])(
    'has no word of aborting once the run is %s',
    (chapter) => {
      expect(statusLines(told(said[chapter]!)).join('\n')).not.toMatch(/Aborting|Free until|No longer free/)
    },
  )

  it('calls a run that was undone rolled back in its report too', () => {
    const report = draw(told(said.undone!)).at(-1)!
    expect(report.text).toMatch(/Run cutover-1 was rolled back after .*: 1 step undone, 2 changes made on both ways\./)
    expect(words(report)).toContain('Report of cutover-1, rolled back')
  })
})

describe('the question of a step', () => {
  const text = words(one('asking', 'step/'))

  it.each([
    'May it be done?',
    '1 change',
    'scale checkout-0',
    'orders-0 has 12 records',
    'If nobody approves',
    '2 people of the role operators',
    '<@U0BOB>',
    '<!subteam^S0NIGHT>',
    'must approve: <@U0BOB> and <!subteam^S0NIGHT>. Whoever asked for the run does not count.',
  ])('says: %s', (words) => {
    expect(text).toContain(words)
  })

  it('names the side of a change', () => {
    expect(text).toContain('scale checkout-0 x on the source')
  })

  it('counts what it cannot name', () => {
    expect(words(one('asking', 'step/', large))).toContain('and 290 more')
  })

  it('carries what was seen in its Approve button', () => {
    expect(text).toContain(
      JSON.stringify(
        JSON.stringify({ run: 'cutover-1', step: 'stop-producers', attempt: 1, nonce: 'n1', digest: 'e'.repeat(64) }),
      ).slice(1, -1),
    )
  })

  it('does not call whoever asked for the run, whose approval would not count', () => {
    expect(text).not.toContain('<@U0ANN>')
    expect(one('asking', 'step/').text).not.toContain('<@U0ANN>')
  })

  it('promises no undo once the pivot is behind', () => {
    const after = words(one('asking after the pivot', 'step/cutover-1/start-dam'))
    expect(after).toContain('the way back is the rollback runbook')
    expect(after).not.toContain('It can be undone')
  })

  it.each(['stopped', 'closed', 'confirming'])('asks no more once the run is %s', (chapter) => {
    const after = words(one(chapter, 'step/'))
    expect(after).not.toMatch(/May it be done|If approved|If nobody approves|must approve/)
  })

  it('warns that the pivot has no undo', () => {
    expect(words(one('asking at the pivot', 'step/cutover-1/start-producers'))).toContain('This step is the pivot')
  })

  it('comes before everything else, and is gone when the run is stopped', () => {
    expect(one('asking', 'step/').asks).toBe(true)
    expect(words(one('stopped', 'step/'))).not.toContain('"approve"')
    expect(words(one('stopped', 'stopped/'))).toMatch(/"resume".*"rollback".*"close"/)
  })

  it('is a message of its own, since only a new message reaches people; long measuring before it has another, which ends with it', () => {
    const lines = [began(), thinking('stop-mirror')]
    const keys = (more: readonly Line[], at: number) => [...messages(told([...lines, ...more]), null, null, at).keys()]
    expect(keys([], start + 1500)).toEqual(['board/cutover-1'])
    expect(keys([], start + 60_000)).toContain('think/cutover-1/stop-mirror')
    expect(keys(asking('stop-mirror'), start + 60_000)).toEqual(['board/cutover-1', 'step/cutover-1/stop-mirror'])
  })

  it('is asked anew in a new message on each attempt, and the old one keeps what was seen', () => {
    const failed = chapters.failed!(small)
    expect(one('failed', 'step/').over).toContain('Attempt 1 failed')
    const again = told([...failed, thinking('stop-producers', 2), ...asking('stop-producers', [effect(0)], [], 2)])
    expect([...messages(again, null, null, now).keys()].at(-1)).toBe('step/cutover-1/stop-producers/2')
  })
})

describe('the question of an undo', () => {
  it('names what is proved afterwards, since it rests on nothing measured before', () => {
    const undone = [{ gate: 'apps-ready', args: { side: 'source' }, forMs: 0, withinMs: 0, warn: false }]
    const proved = {
      ...runbook,
      steps: steps.map((step) => ({ ...step, do: step.do.map((one) => ({ ...one, undone })) })),
    }
    const asked = (pinned: typeof runbook) =>
      draw(
        told([
          began(small.m, pinned),
          ...passing('stop-producers'),
          [bob, { type: 'rollback-begun', run: 'cutover-1', reason: 'x', undo: ['stop-producers'] }],
          thinking('undo-stop-producers'),
          ...asking('undo-stop-producers', [effect(0, 'scale checkout-0 from 0 to 2')]),
        ]),
      )
        .map(words)
        .join()
    expect(asked(proved)).toContain('*What is proved afterwards*\\n• apps-ready source')
    expect(asked(runbook)).toContain('*Nothing is proved afterwards:*')
  })
})

describe('the report of a run', () => {
  const down = { ...effect(0), after: { replicas: 0 } }
  const up = { ...effect(0), id: 'up', on: { side: 'target', app: 'checkout-0' }, after: { replicas: 2 } }
  const lines: readonly Line[] = [
    began(),
    ...passing('stop-mirror').slice(0, -1),
    [
      engine,
      {
        type: 'step-passed',
        ...at('stop-mirror'),
        gates: [
          look('waterline', 'passed', 'It stands on 2 partitions. 1,514 records so far stay behind on the source'),
        ],
      },
    ],
    ...passing('stop-producers', [down]),
    ...passing('start-producers', [up]),
    thinking('validate'),
    [engine, { type: 'step-checking', ...at('validate') }],
    [bob, { type: 'answered', ...at('validate'), question: 'Is the business all right?', yes: true }],
    [ann, { type: 'answered', ...at('validate'), question: 'Is your app all right?', yes: true, apps: ['checkout-0'] }],
    [engine, { type: 'step-passed', ...at('validate'), gates: [] }],
    [engine, { type: 'run-finished', run: 'cutover-1' }],
  ]

  it.each([
    'They stood still for 10 s, until they were proved to run again.',
    '1,514 records so far stay behind on the source.',
    '*The word of owners.* Is the business all right? Yes, by Bob.',
    '*The owners’ word.* Is your app all right? 1 of 3 apps confirmed.',
    '*Approved by* Bob (steps 1, 3, 6).',
  ])('says: %s', (text) => {
    expect(words(draw(told(lines)).at(-1)!)).toContain(text)
  })

  it('says that producers stand still where a run ends without them', () => {
    const closed: Line = [bob, { type: 'run-closed', run: 'cutover-1', reason: 'x' }]
    const said = words(draw(told([began(), ...passing('stop-producers', [down]), closed])).at(-1)!)
    expect(said).toMatch(/\*Producers\* run on the source, but for 1 of 3, the last stopped at/)
  })
})

describe('a question asked again because approvals fell', () => {
  it('is a new message that says plainly what changed and whose approval counts no longer; the old one ends', () => {
    const again = one('asked again', 'step/cutover-1/stop-producers')
    expect(again).toMatchObject({
      key: 'step/cutover-1/stop-producers/again-1',
      asks: true,
      text: expect.stringContaining('Asked again, since b is new.'),
    })
    expect(words(again)).toContain('Bob had approved, which counts no longer. Nothing was done.')
    expect(words(again)).toContain('*What changed:* b is new.')
    const lines = chapters['asked again']!(small)
    const fell = [...messages(told(lines.slice(0, -2)), null, null, now).values()].at(-1)
    expect(fell).toMatchObject({
      key: 'step/cutover-1/stop-producers',
      over: expect.stringContaining('The approvals fell: b is new.'),
    })
  })
})

describe('a rehearsal', () => {
  it('never reads as if something had been done or proved', () => {
    const passed = words(one('rehearsed', 'step/cutover-1/stop-mirror'))
    expect(passed).toContain('Rehearsal, step 1 of 9')
    expect(passed).toContain('*Rehearsed*')
    expect(passed).toContain('nothing was changed, 1 change would be made')
    expect(passed).toContain('*What would be done*')
    expect(passed).toContain('*What would have to be proved*\\n• mirror-final')
    expect(passed).not.toMatch(/Passed|was done|was proved|Not known yet/)
  })

  it('asks without promising a change, and does not complain of what the steps before it would have brought about', () => {
    const asked = words(one('rehearsed', 'step/cutover-1/switch-valve'))
    expect(asked).toContain('the rehearsal goes on. Nothing is done.')
    expect(asked).toContain('Would have to hold by then:* Pass drained first.')
    expect(asked).not.toContain('done at once')
  })

  it('asks no owner, and says so where the night would', () => {
    expect(words(one('rehearsed to its end', 'step/cutover-1/validate'))).toContain(
      'In a rehearsal nobody is asked for a word: the night asks.',
    )
    expect(words(one('rehearsed to its end', 'report/'))).toContain(
      '*The owners’ word* is not asked for in a rehearsal.',
    )
    expect(words(one('rehearsed', 'step/cutover-1/stop-mirror'))).not.toContain('asked for a word')
  })

  it('is called one on the board and in its report', () => {
    const report = one('rehearsed to its end', 'report/')
    expect(report.text).toContain('The rehearsal cutover-1 finished')
    expect(report.text).toContain('9 of 9 steps rehearsed, 9 changes would be made; nothing was changed')
    expect(words(report)).toContain('Report of cutover-1, a rehearsal')
    const board = words(one('rehearsed to its end', 'board/'))
    expect(board).toContain('Stop mirror: rehearsed after')
    expect(board).not.toContain(': passed')
  })
})

describe('what came of asking an open run to go back', () => {
  const closed: Line[] = [...ask(small), [bob, { type: 'run-closed', run: 'cutover-1', reason: 'sick' }]]
  it.each([
    ['undone', told(chapters['rolled back']!(small)), 'Run cutover-1 rolls back: what it changed is undone'],
    ['closed', told(closed), 'Run cutover-1 is closed. It had changed nothing, and nothing is to be undone.'],
    [
      'closed while producers are on the target',
      { ...told(closed), activeSide: 'target' as const },
      'producers run on the target as before: /migrate rollback goes back.',
    ],
    [
      'followed by another',
      told([...closed, [bob, { ...(began()[1] as RunStarted), run: 'rollback-2' }]]),
      'Run rollback-2 has begun, and goes back; run cutover-1 is closed.',
    ],
  ])('%s', (_what, state, text) => {
    expect(turnedBack(state)).toContain(text)
  })
})

describe('a run that was stopped', () => {
  it('says on its board where it stopped, and that closing leaves producers down', () => {
    expect(words(one('stopped', 'board/'))).toContain('Stop producers*: stopped here, before it was approved')
    expect(words(one('stopped with producers down', 'stopped/'))).toContain('stay down*. If nobody does anything')
    expect(words(one('stopped', 'stopped/'))).not.toContain('stay down')
  })

  const stop: Line = [bob, { type: 'run-aborted', run: 'cutover-1', reason: 'x', onTheWire: [] }]
  it.each([
    ['begun', 'Resume begins step 1: it is measured, and asked before anything is changed.'],
    ['asking', 'Resume measures step 3 afresh and asks again.'],
    ['acting', 'asks again for what is left of it: 1 of 1 change is made.'],
    ['checking', 'Resume goes on proving step 3, whose changes are made: nobody is asked for it again.'],
    ['failed', 'After Resume step 3 still stands as failed: Retry, Skip or Roll back then.'],
  ])('says what Resume does where it was %s: %s', (chapter, text) => {
    expect(
      draw(told([...chapters[chapter]!(small), stop]))
        .map(words)
        .join(),
    ).toContain(text)
  })

  it('says of its old message that it was closed, by whom and why', () => {
    const message = one('stopped and closed', 'stopped/')
    expect(message.key).toBe(one('stopped', 'stopped/').key)
    expect(message.text).toContain('It was closed by Ann')
    expect(words(message)).not.toContain('"actions"')
  })
})

describe('an armed run', () => {
  it('offers everyone one click that calls it off, and no Abort before it has begun', () => {
    const text = words(one('armed', 'board/'))
    expect(text).toContain('Armed: nothing happens before')
    expect(text).toContain('"cancel"')
    expect(text).not.toContain('"abort"')
  })
})

describe('a question that nobody answers', () => {
  it('calls those to whom its policy escalates in a message of its own, which ends with the question', () => {
    expect(one('escalated', 'escalation/')).toMatchObject({
      asks: true,
      text: expect.stringContaining('<@U0ANN>: nobody has approved step 3'),
    })
    expect(words(one('escalated', 'board/'))).toContain('the role owners was called at')
    const over = told([...chapters.escalated!(small), ...acting('stop-producers', effects(small))])
    expect([...messages(over, null, null, now).keys()].join()).not.toContain('escalation')
  })
})

describe('the graph of a step', () => {
  const graph = (chapter: string) => one(chapter, 'step/').blocks.find((block) => block.type === 'graph')?.graph

  it('runs on while the step is proved, and stands still once it passed', () => {
    expect(graph('checking')).toMatchObject({ until: null, groups: ['billing-0'] })
    expect(graph('passed')?.until).toEqual(expect.any(Number))
  })

  it('is missing where no group reads anything', () => {
    const lines = [began({ ...small.m, apps: [] }), ...passing('stop-producers')]
    expect(words(draw(told(lines))[1]!)).not.toContain('"graph"')
  })
})

describe('a step that fell, failed or asks a person', () => {
  it.each([
    ['fell', 'The earlier approvals no longer count'],
    ['stuck', '`/migrate exclude checkout-0 REASON` leaves it out'],
    ['stuck', '`/migrate word checkout-0 REASON` is its owner’s word'],
    ['failed', '"retry"'],
    ['failed', '"skip"'],
    ['failed', 'If nobody does anything'],
    ['skipped', 'Skipped by Ann'],
    ['question', 'Is the business all right?'],
    ['question', '0 of 3 apps confirmed'],
    ['question', '<@U0OWNER2> (1 app)'],
    ['question', 'Nobody owns* checkout-0 and checkout-1'],
    ['refused', '2 of 3 apps confirmed'],
    ['refused', 'checkout-2: x (Bob)'],
    ['passed', 'approved by Bob'],
  ])('%s says: %s', (chapter, text) => {
    expect(
      draw(told(chapters[chapter]!(small)))
        .map(words)
        .join(),
    ).toContain(text)
  })

  it('offers no Skip where the runbook names no role for it', () => {
    const pinned = { ...runbook, steps: runbook.steps.map((step) => ({ ...step, skip: null })) }
    const state = told([
      began(small.m, pinned),
      thinking('stop-mirror'),
      [engine, { type: 'step-failed', ...at('stop-mirror'), why: 'x', gates: [] }],
    ])
    expect(draw(state).map(words).join()).not.toContain('"skip"')
  })
})

describe('an alert', () => {
  it.each([
    ['alert', 'nobody takes care of it yet'],
    ['alert', '"acknowledge"'],
    ['alert taken', 'Ann takes care of it'],
    ['alert over', 'Over after 1 s'],
  ])('%s says: %s', (chapter, text) => {
    expect(words(one(chapter, 'alert/'))).toContain(text)
  })

  it('has no buttons once it is over', () => {
    expect(words(one('alert over', 'alert/'))).not.toContain('"actions"')
  })
})
