import { describe, expect, it } from '@jest/globals'
import { defaultPeople } from '../../lab/slack/people.js'
import { createResponseUrls } from '../../lab/slack/responseUrls.js'
import { createTriggers } from '../../lab/slack/triggers.js'
import { createWorkspace } from '../../lab/slack/workspace.js'

function clocked() {
  let at = 1_700_000_000_000
  const workspace = createWorkspace({ people: defaultPeople, channel: 'kafka-migration' }, () => at)
  const pass = (ms: number): void => {
    at += ms
  }
  return { workspace, pass }
}

describe('a trigger', () => {
  it('opens one view, within three seconds, for the person whose click it was', () => {
    const { workspace, pass } = clocked()
    const triggers = createTriggers(workspace)
    const [used, late] = [triggers.issue('U0ALICE'), triggers.issue('U0BOB')]
    expect(triggers.exchange(used)).toBe('U0ALICE')
    expect(() => triggers.exchange(used)).toThrow('exchanged_trigger_id')
    pass(3001)
    expect(() => triggers.exchange(late)).toThrow('expired_trigger_id')
  })
})

describe('a response_url', () => {
  const origin = { channel: 'C0MIGRATION', user: 'U0ALICE' }
  const idOf = (url: string) => url.split('/').at(-1) ?? ''

  it('is good for five answers', () => {
    const urls = createResponseUrls(clocked().workspace, () => '')
    const id = idOf(urls.issue(origin))
    const answers = Array.from({ length: 6 }, () => urls.use(id))
    expect(answers).toEqual([origin, origin, origin, origin, origin, 'used_url'])
  })

  it('is good for thirty minutes', () => {
    const { workspace, pass } = clocked()
    const urls = createResponseUrls(workspace, () => '')
    const id = idOf(urls.issue(origin))
    pass(30 * 60_000 + 1)
    expect(urls.use(id)).toBe('expired_url')
  })
})

describe('a timestamp', () => {
  it('is never given twice, not even within one millisecond', () => {
    const { workspace } = clocked()
    const given = Array.from({ length: 1000 }, () => workspace.ts())
    expect(new Set(given).size).toBe(1000)
    expect(given.toSorted()).toEqual(given)
  })
})
