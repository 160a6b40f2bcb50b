import { createSlackPerson } from '../slack/client.js'
import type { LabState, Message, Shape } from '../slack/types.js'
import type { Progress, SlackDescription } from '../types.js'

/** How a run ended, in the words of its last message. */
export interface Ended {
  readonly finished: boolean
  readonly stepsPassed: number
  readonly steps: number
  readonly text: string
}

/**
 * Asks for a run as one person and clicks every Approve and Yes as others who may, through Slack's own protocol, until the
 * channel says that it has ended. Throws when a step fails or nobody is asked anything any more.
 */
export async function approveAll(
  slack: SlackDescription,
  command: string,
  progress: Progress,
  withinMs = 600_000,
): Promise<Ended> {
  const [asker, approver] = slack.people.filter(({ groups }) => groups.includes('operators'))
  const owner = slack.people.find(({ groups }) => groups.includes('owners'))
  if (!asker || !approver || !owner) throw new Error('The lab needs two people in operators and one in owners.')
  const persons = {
    asker: createSlackPerson(slack.page, asker.id),
    Approve: createSlackPerson(slack.page, approver.id),
    Yes: createSlackPerson(slack.page, owner.id),
  }
  const before = new Set(
    (await persons.asker.state()).channels.flatMap((channel) => channel.messages.map((message) => message.ts)),
  )
  const fresh = (state: LabState) =>
    state.channels.flatMap((channel) =>
      channel.messages
        .filter((message) => !before.has(message.ts))
        .map((message) => ({ ...message, channel: channel.id })),
    )
  const clicked = new Set<string>()
  progress(`${asker.name}: /migrate ${command}`)
  await persons.asker.command(`/migrate ${command}`)

  for (;;) {
    const next = await persons.asker.waitFor((state) => nextOf(fresh(state), clicked), withinMs)
    if ('ended' in next) return next.ended
    if ('failed' in next) throw new Error(`A step failed: ${next.failed}`)
    clicked.add(next.identity)
    const person = next.label === 'Approve' ? approver : owner
    progress(`${person.name} clicks ${next.label}: ${plain(next.message.text)}`)
    await persons[next.label].click(next.message, next.actionId, undefined)
  }
}

type Placed = Message & { readonly channel: string }
type Next =
  | {
      readonly label: 'Approve' | 'Yes'
      readonly message: Placed
      readonly actionId: string
      readonly identity: string
    }
  | { readonly ended: Ended }
  | { readonly failed: string }

function nextOf(messages: readonly Placed[], clicked: ReadonlySet<string>): Next | undefined {
  for (const message of messages) {
    for (const button of buttonsOf(message)) {
      const identity = `${message.ts} ${button.value}`
      if ((button.label === 'Approve' || button.label === 'Yes') && !clicked.has(identity))
        return { label: button.label, message, actionId: button.actionId, identity }
      if (button.label === 'Retry') return { failed: plain(message.text) }
    }
  }
  for (const { text } of messages) {
    const ended = /^Run \S+ (finished|was closed).*?(\d+) of (\d+) steps? passed/.exec(text)
    if (ended)
      return {
        ended: { finished: ended[1] === 'finished', stepsPassed: Number(ended[2]), steps: Number(ended[3]), text },
      }
  }
  return undefined
}

function buttonsOf(message: Message): readonly { label: string; actionId: string; value: string }[] {
  return (message.blocks ?? [])
    .filter((block) => block.type === 'actions')
    .flatMap((block) => block.elements as readonly Shape[])
    .map((element) => ({
      label: String((element.text as Shape | undefined)?.text ?? ''),
      actionId: String(element.action_id),
      value: String(element.value ?? ''),
    }))
}

/** Slack's dates as a person would see them are of no use in a terminal line. */
const plain = (text: string) => text.replace(/<!date\^\d+\^[^|]*\|([^>]*)>/g, '$1').slice(0, 140)
