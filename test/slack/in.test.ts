import { createHmac } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import getPort from 'get-port'
import type { SlackPerson } from '../../lab/slack/client.js'
import { createLog } from '../../src/log/submit.js'
import type { Entry } from '../../src/run/events.js'
import type { Kpis } from '../../src/run/live.js'
import type { Ready } from '../../src/run/ready.js'
import { createAnnounce } from '../../src/slack/announce/index.js'
import { createGroupReader } from '../../src/slack/in/groups.js'
import { createSlackApp, type SlackApp, SlackSettingsError } from '../../src/slack/in/index.js'
import { messages } from '../../src/slack/messages/index.js'
import { createRoles } from '../../src/slack/roles.js'
import { effect, look, migrationOf, runbook } from './chapters.js'
import { createShownMap, startLab } from './lab.js'

/** Alice and Bob operate by their user group, Dana owns by name, Eve only looks on. */
const people = { alice: 'U0ALICE', bob: 'U0BOB', carol: 'U0CAROL', dana: 'U0DANA', eve: 'U0EVE' }
let lab: Awaited<ReturnType<typeof startLab>>
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab.stop())

let bot: Awaited<ReturnType<typeof startBot>>
beforeEach(async () => {
  bot = await startBot()
  since = Date.now()
})
afterEach(async () => {
  await bot.stop()
  await lab.control('heal', {})
})

/** One gate that holds and one that the runbook mends. */
const ready = (name: string): Ready => ({
  runbook: name,
  at: Date.now(),
  looks: [
    { ...look('replicas-full', 'passed'), step: 'one', differing: 0, differences: [] },
    {
      ...look('topics-parity', 'failed'),
      warn: true,
      step: 'two',
      differing: 1,
      differences: [{ what: 'orders retention.ms', source: '604800000', target: '86400000' }],
    },
  ],
})
function kpisOfBilling(): Kpis {
  const topics = [{ topic: 'orders', ends: ['1300', '4'], inPerSecond: 12.34, records: 1304, bytes: 45_600 }]
  const committed = { orders: ['100', null] }
  const billing = { group: 'billing', state: 'ok', records: 1204, seconds: 31, outPerSecond: 0, committed }
  return { at: Date.now(), side: 'source', topics, groups: [billing] }
}

async function startBot() {
  const { description } = lab
  const migration = {
    ...migrationOf(3),
    migration: `in-${Date.now()}`,
    channel: description.channel,
    apps: migrationOf(3).apps.map((app, i) => ({ ...app, owner: i < 2 ? 'Dana' : 'Carol' })),
    people: [
      { name: 'Dana', slack: people.dana },
      { name: 'Carol', slack: people.carol },
    ],
    roles: { operators: { people: [], groups: ['operators'] }, owners: { people: ['Dana'], groups: [] } },
  }
  const entries: Entry[] = []
  const silence = { on: false }
  const log = createLog(
    {
      readAfter: async (version) => {
        if (silence.on) await new Promise(() => {})
        return { entries: entries.slice(version), now: Date.now() }
      },
      append: async (version, more) => version === entries.length && Boolean(entries.push(...more)),
    },
    () => {},
  )
  const tokens = { botToken: description.botToken, apiUrl: description.api }
  const warnings: string[] = []
  const drawing = { png: async () => null, words: async () => 'billing: 900 ▇▁ 0' }
  const app: SlackApp = createSlackApp(
    { ...tokens, appToken: description.appToken },
    {
      log,
      roles: createRoles({ people: createGroupReader(tokens), now: Date.now }, migration),
      runbook: async (name) => {
        if (name === 'questions') return questions
        if (name !== 'cutover' && name !== 'rollback' && name !== 'prepare')
          throw new Error(`There is no runbook ${name}.`)
        return { ...runbook, name }
      },
      migration,
      bot: '0.1.0',
      kpis: async () => kpisOfBilling(),
      drawing,
      web: lab.web,
      plan: async () => ['scale checkout from 2 to 0'],
      ready: async ({ name }) => ready(name),
      verify: async () => 'The log is whole.',
      brief: async () => ['*What.* Nothing goes on.'],
      report: async (run) => (run === 'none' ? null : { name: 'report.md', text: '# Report' }),
      pack: async () => ({ name: 'break-glass.txt', text: 'WAY ON' }),
      warn: (text) => void warnings.push(text),
    },
  )
  await app.start()
  const announce = createAnnounce({
    web: lab.web,
    drawing,
    shown: createShownMap(),
    file: async () => null,
    migration: migration.migration,
    channel: description.channel,
    log: (text) => void warnings.push(text),
    now: Date.now,
    render: async () => {
      const { state } = await log.load()
      return { version: state.version, messages: messages(state, null, null, Date.now()) }
    },
  })
  const engine = { kind: 'engine', replica: 'one' } as const
  return {
    log,
    silence,
    warnings,
    announce,
    types: () => entries.map(({ event }) => event.type),
    entries,
    run: async () => (await log.load()).state.run!,
    /** The first step asks: as the engine would, after its gates. */
    async ask() {
      const at = { run: (await log.load()).state.run!.id, step: 'stop-mirror', attempt: 1 }
      await log.submit({ by: engine, asOf: Date.now(), do: 'think', ...at })
      await log.submit({
        by: engine,
        asOf: Date.now(),
        do: 'ask',
        ...at,
        nonce: 'n1',
        plan: [{ order: 0, effect: effect(0) }],
        gates: [look('caught-up', 'passed')],
        facts: [],
      })
      await announce()
    },
    stop: () => app.stop(),
  }
}

/** One step that asks the owner of each app, and does nothing. */
const [validate] = runbook.steps.slice(-1)
const questions = { ...runbook, name: 'questions', steps: [{ ...validate!, check: validate!.check.slice(1) }] }

const person = (name: keyof typeof people): SlackPerson => lab.person(people[name])
let since = 0
const told = (who: SlackPerson, words: RegExp) =>
  who.waitForMessage(({ text, to, ts }) => to === who.user && Number(ts) * 1000 > since && words.test(text))
const question = async (who: SlackPerson) => {
  const { id } = await bot.run()
  return who.waitForMessage(
    (message) =>
      'metadata' in message &&
      JSON.stringify(message.metadata).includes(`step/${id}`) &&
      /May it be done/.test(message.text),
  )
}
const started = async () => {
  await person('alice').command('/migrate cutover')
  await told(person('alice'), /run cutover-1 has begun/)
  await bot.ask()
}

describe('/migrate', () => {
  it('starts a run for people of a role, and answers in private', async () => {
    await person('alice').command('/migrate cutover')
    await told(person('alice'), /run cutover-1 has begun/)
    expect(bot.entries[0]).toMatchObject({ by: { id: people.alice, via: 'slack' }, event: { type: 'run-started' } })
  })

  it.each([
    ['eve', 'cutover', /Only people of a role/],
    ['alice', 'cutover nonsense', /There is no runbook nonsense/],
    ['alice', 'cutovr', /Did you mean cutover/],
    ['alice', 'approve', /No step asks/],
    ['eve', 'status', /No run has been asked for yet/],
    ['eve', 'help', /Possible now/],
    ['eve', 'lag', /Lag of 1,204 offsets in 1 group, markers included.* on the source/],
    ['eve', 'lag nobody', /There is no group nobody. Known: billing/],
    ['eve', 'plan cutover', /scale checkout from 2 to 0/],
    ['eve', 'ready', /1 of 2 hold; 1 would not stop prepare/],
    ['eve', 'ready', /orders retention.ms +604800000 +86400000/],
    ['eve', 'audit nothing', /nothing is not one of the topics of migration.yaml: /],
    ['eve', 'verify', /The log is whole/],
  ] as const)('answers %s, who types %s', async (who, words, answer) => {
    await person(who).command(`/migrate ${words}`)
    await told(person(who), answer)
    expect(bot.types()).toEqual([])
  })

  it('says whose run is open instead of beginning a second', async () => {
    await started()
    await person('bob').command('/migrate cutover')
    await told(person('bob'), /cutover-1 is open: Alice Ops|cutover-1 is open: alice/i)
  })

  it('approves by words what the button would approve', async () => {
    await started()
    await person('bob').command('/migrate approve')
    await told(person('bob'), /To approve exactly this/)
    const { id, phase } = (await bot.run()).steps[0]!
    await person('bob').command(`/migrate approve ${id} ${(phase as { digest: string }).digest.slice(0, 6)}`)
    await told(person('bob'), /Your approval is recorded/)
    expect((await bot.run()).steps[0]?.approvals).toHaveLength(1)
  })

  it('says that nothing was recorded when the log is silent', async () => {
    bot.silence.on = true
    await person('alice').command('/migrate cutover')
    await told(person('alice'), /Not recorded/)
    expect(bot.types()).toEqual([])
  })
})

describe('a click', () => {
  it('on Approve is recorded once, however often it is repeated', async () => {
    await started()
    await lab.control('repeat', { times: 2 })
    await person('bob').click(await question(person('bob')), 'approve')
    await person('bob').click(await question(person('bob')), 'approve')
    await told(person('bob'), /You approved this already/)
    expect(bot.types().filter((type) => type === 'approved')).toHaveLength(1)
  })

  it('of two people at once counts both, and no third', async () => {
    await started()
    const message = await question(person('bob'))
    await Promise.all([person('bob').click(message, 'approve'), person('carol').click(message, 'approve')])
    await person('bob').waitFor(() =>
      bot.types().filter((type) => type === 'approved').length === 2 ? true : undefined,
    )
    expect((await bot.run()).steps[0]?.phase.is).toBe('confirming')
  })

  it.each([
    ['dana', /takes the role operators/],
    ['eve', /takes the role operators/],
    ['alice', /somebody else must approve/],
  ] as const)('of %s on Approve is refused in private', async (who, words) => {
    await started()
    await person(who).click(await question(person(who)), 'approve')
    await told(person(who), words)
    expect(bot.types()).not.toContain('approved')
  })

  it('on what is no longer asked is refused', async () => {
    await started()
    const message = await question(person('bob'))
    await bot.log.submit({
      by: { kind: 'engine', replica: 'one' },
      asOf: Date.now(),
      do: 'fall',
      nonce: 'n1',
      run: 'cutover-1',
      step: 'stop-mirror',
      attempt: 1,
      why: 'Something changed.',
    })
    await person('bob').click(message, 'approve')
    await told(person('bob'), /no longer what cutover-1 waits for/)
  })

  it('is refused, with the reason, while a user group cannot be read', async () => {
    await lab.control('scopes', { remove: ['usergroups:read'] })
    await person('alice').command('/migrate cutover')
    await told(person('alice'), /user group operators could not be read \(.*missing_scope/)
    expect(bot.types()).toEqual([])
  })
})

describe('a reason', () => {
  it('is asked for in a dialog, and stops the run', async () => {
    await started()
    const bob = person('bob')
    await bob.click(await question(bob), 'abort')
    const view = await bob.waitForView(({ callback_id }) => callback_id === 'reason')
    expect(await bob.submit(view, { reason: 'the target is slow' })).toEqual({})
    expect((await bot.run()).phase).toMatchObject({ is: 'stopped', reason: 'the target is slow' })
  })

  it('is not asked for from whom it would be refused: the dialog says so at once', async () => {
    await started()
    const eve = person('eve')
    await eve.click(await question(eve), 'abort')
    const refused = await eve.waitForView(({ blocks }) => /takes the role operators/.test(JSON.stringify(blocks)))
    expect(refused.submit).toBeUndefined()
    expect((await bot.run()).phase.is).toBe('open')
  })

  it('may be left out where something is stopped in an emergency', async () => {
    await started()
    const bob = person('bob')
    await bob.click(await question(bob), 'abort')
    expect(await bob.submit(await bob.waitForView(), {})).toEqual({})
    expect((await bot.run()).phase).toMatchObject({ is: 'stopped', reason: 'no reason given' })
  })

  it('is done without when the dialog cannot be opened: Abort stops the run all the same', async () => {
    await started()
    await lab.fault({ method: 'views.open', answer: 500 })
    await person('bob').click(await question(person('bob')), 'abort')
    await person('bob').waitFor(() => (bot.types().includes('run-aborted') ? true : undefined))
    expect((await bot.run()).phase).toMatchObject({ is: 'stopped', reason: expect.stringContaining('no reason given') })
  })

  it('leads from Stopped to Roll back', async () => {
    await started()
    await person('bob').command('/migrate abort it is late')
    await told(person('bob'), /stops before its next change/)
    await bot.announce()
    const bob = person('bob')
    await bob.click(
      await bob.waitForMessage(({ text, to }) => !to && /is stopped by .*: it is late/.test(text)),
      'rollback',
    )
    await bob.submit(await bob.waitForView(), { reason: 'not tonight' })
    await bob.waitFor(() => (bot.types().includes('run-closed') ? true : undefined))
  })
})

describe('an armed run', () => {
  const board = (who: SlackPerson) =>
    who.waitForMessage(({ text, ts }) => /Armed: nothing happens before/.test(text) && Number(ts) * 1000 > since)
  it('is called off by one click of anybody who may approve, and of nobody else', async () => {
    await person('alice').command('/migrate cutover in 2h')
    await told(person('alice'), /run cutover-1 is armed/)
    await bot.announce()
    await person('eve').click(await board(person('eve')), 'cancel')
    await told(person('eve'), /This takes the role operators, which .* is not in/)
    await person('bob').click(await board(person('bob')), 'cancel')
    await person('bob').waitFor(() => (bot.types().includes('run-closed') ? true : undefined))
    expect((await bot.run()).phase).toMatchObject({ is: 'closed', reason: 'called off before it began' })
  })
})

describe('the owner of an app', () => {
  const asked = async (who: SlackPerson) => {
    await person('alice').command('/migrate cutover questions')
    await told(person('alice'), /run questions-1 has begun/)
    const at = { run: 'questions-1', step: 'validate', attempt: 1 }
    const engine = { kind: 'engine', replica: 'one' } as const
    await bot.log.submit({ by: engine, asOf: Date.now(), do: 'think', ...at })
    await bot.log.submit({
      by: engine,
      asOf: Date.now(),
      do: 'ask',
      ...at,
      nonce: 'n1',
      plan: [],
      gates: [],
      facts: [],
    })
    await bot.announce()
    return who.waitForMessage(({ text, ts }) => /for the owner of each app/.test(text) && Number(ts) * 1000 > since)
  }

  it('answers for all own apps by one click, and everybody sees how many are confirmed', async () => {
    await person('dana').click(await asked(person('dana')), 'yes')
    await person('dana').waitFor(() => (bot.types().includes('answered') ? true : undefined))
    expect((await bot.run()).steps[0]?.answers).toMatchObject([{ yes: true, apps: ['checkout-0', 'checkout-1'] }])
    for (let next = await bot.announce(); next !== 'done'; next = await bot.announce()) await setTimeout(next.againMs)
    await person('eve').waitForMessage(
      ({ text, ts }) => /2 of 3 apps confirmed/.test(text) && Number(ts) * 1000 > since,
    )
  })

  it('chooses in a dialog the one that is not all right, among the own apps alone', async () => {
    const message = await asked(person('dana'))
    await person('carol').click(message, 'no-app')
    await person('carol').waitForView(({ blocks }) => /It is about \*checkout-2\*/.test(JSON.stringify(blocks)))
    await person('eve').click(message, 'no-app')
    await person('eve').waitForView(({ blocks }) => /You own none of these apps/.test(JSON.stringify(blocks)))
    await person('dana').click(message, 'no-app')
    const choice = await person('dana').waitForView(({ blocks }) => /Which app/.test(JSON.stringify(blocks)))
    expect(JSON.stringify(choice.blocks)).toContain('checkout-1')
    expect(JSON.stringify(choice.blocks)).not.toContain('checkout-2')
    const said = { 'app-choice': 'checkout-1', reason: 'it answers after 9 s' }
    expect(await person('dana').submit(choice, said)).toEqual({})
    expect((await bot.run()).steps[0]?.answers).toMatchObject([
      { yes: false, apps: ['checkout-1'], reason: said.reason },
    ])
  })

  it('who has answered is told so when clicking again, whatever the run does by now', async () => {
    const message = await asked(person('dana'))
    const answered = () => bot.types().filter((type) => type === 'answered').length
    await person('dana').click(message, 'yes')
    await person('dana').waitFor(() => (answered() === 1 ? true : undefined))
    await person('carol').click(message, 'yes')
    await person('carol').waitFor(() => (answered() === 2 ? true : undefined))
    await person('dana').click(message, 'yes')
    await told(person('dana'), /You have answered that already: yes/)
  })

  it('answers by words as well', async () => {
    await asked(person('dana'))
    await person('carol').command('/migrate answer no it answers after 9 s')
    await told(person('carol'), /recorded: no for checkout-2/)
    await person('dana').command('/migrate answer yes')
    await told(person('dana'), /recorded: yes for checkout-0 and checkout-1/)
    await person('eve').command('/migrate answer yes')
    await told(person('eve'), /You own none of these apps/)
  })
})

describe('a Slack that cannot be reached', () => {
  it('records a click all the same when its Web API is down and only the socket lives', async () => {
    await started()
    const message = await question(person('bob'))
    await lab.fault({ method: '*', answer: 500 })
    await person('bob').click(message, 'approve')
    await person('bob').waitFor(() => (bot.types().includes('approved') ? true : undefined))
  })

  it.each([
    ['answers 500', { answer: 500 as const }],
    ['never answers', { answer: 'silence' as const }],
  ])('%s: the start does not wait for it, and people are heard once it is back', async (_, fault) => {
    await bot.stop()
    await lab.fault({ method: 'apps.connections.open', ...fault })
    bot = await startBot()
    expect(bot.warnings.join()).toContain('Slack cannot be reached')
    await lab.control('heal', {})
    await person('eve').waitFor(({ connections }) => (connections > 0 ? true : undefined))
    await person('eve').command('/migrate verify')
    await told(person('eve'), /The log is whole/)
  })
})

describe('a connection that ends', () => {
  it.each(['cut', 'refresh'] as const)('by a %s is followed by the next, and people are heard again', async (end) => {
    await lab.control('sockets', { end })
    await lab.fault({ method: 'apps.connections.open', answer: 500, calls: 1 })
    await person('eve').waitFor(({ connections, calls }) =>
      connections > 0 && (calls['apps.connections.open'] ?? 0) > 1 ? true : undefined,
    )
    await person('eve').command('/migrate verify')
    await told(person('eve'), /The log is whole/)
  })
})

describe('over HTTP', () => {
  it('refuses to begin with an empty signing secret, or with none', () => {
    const tokens = { botToken: 'xoxb-1' }
    expect(() => createSlackApp({ ...tokens, http: { signingSecret: ' ', port: 0 } }, {} as never)).toThrow(
      SlackSettingsError,
    )
    expect(() => createSlackApp(tokens, {} as never)).toThrow(/SLACK_APP_TOKEN/)
  })

  it('hears what Slack signed, and nothing else', async () => {
    const port = await getPort()
    const { botToken, api, signingSecret } = lab.description
    const verified: string[] = []
    const app = createSlackApp({ botToken, apiUrl: api, http: { signingSecret, port } }, {
      log: bot.log,
      verify: async () => {
        verified.push('asked')
        return 'The log is whole.'
      },
      warn: () => {},
    } as never)
    await app.start()
    try {
      const body = new URLSearchParams({
        command: '/migrate',
        text: 'verify',
        user_id: people.eve,
        user_name: 'eve',
        channel_id: lab.description.channel,
        trigger_id: '1',
        response_url: api,
      }).toString()
      const send = async (secret: string) => {
        const at = Math.floor(Date.now() / 1000)
        const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`
        const headers = {
          'content-type': 'application/x-www-form-urlencoded',
          'x-slack-request-timestamp': String(at),
          'x-slack-signature': signature,
        }
        return (await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body })).status
      }
      expect(await send('forged')).toBe(401)
      expect(await send(signingSecret)).toBe(200)
      expect(verified).toEqual(['asked'])
    } finally {
      await app.stop()
    }
  })
})
