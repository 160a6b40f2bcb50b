import type { SlackPerson } from '../../lab/slack/client.js'
import type { LabState } from '../../lab/slack/types.js'
import { buttonsIn } from '../lab/night-buttons.js'

/** One who approves whatever is asked, and clicks again when told in private that the click did not get through. */
export function createApprover(person: SlackPerson) {
  const clicks: { readonly nonce: string; readonly at: number }[] = []
  const firstSeen = new Map<string, number>()

  async function approve(state: LabState): Promise<void> {
    const taken = acceptedIn(state)
    const isDue = (nonce: string) => {
      const now = Date.now()
      if (!firstSeen.has(nonce)) firstSeen.set(nonce, now)
      const last = clicks.findLast((one) => one.nonce === nonce)
      return !taken.has(nonce) && now - firstSeen.get(nonce)! > readsForMs && now - (last?.at ?? 0) > clickAgainMs
    }
    const asked = buttonsIn(state).find(({ label, identity }) => label === 'Approve' && isDue(nonceIn(identity)))
    if (!asked) return
    clicks.push({ nonce: nonceIn(asked.identity), at: Date.now() })
    // The button may have gone while the hand moved.
    await person.click(asked.message, asked.actionId).catch(() => clicks.pop())
  }

  /** Questions on which a click was taken, with when: nothing was said in private between it and the next one. */
  function acceptedIn({ ephemerals }: LabState): ReadonlyMap<string, number> {
    const told = ephemerals.filter(({ to }) => to === person.user).map(({ ts }) => Number(ts) * 1000)
    const taken = clicks.filter(({ at }, i) => {
      const until = clicks[i + 1]?.at ?? Number.POSITIVE_INFINITY
      return !told.some((ts) => ts >= at && ts < until)
    })
    return new Map(taken.map(({ nonce, at }) => [nonce, at]))
  }

  return { user: person.user, acceptedIn, approve }
}

const clickAgainMs = 1000
/** Nobody approves what nobody has read; meanwhile the board is brought up to date. */
const readsForMs = 1200
const nonceIn = (identity: string): string =>
  String((JSON.parse(identity.slice(identity.indexOf(' ') + 1) || '{}') as { nonce?: string }).nonce)
