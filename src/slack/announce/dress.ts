import { createHash } from 'node:crypto'
import type { KnownBlock } from '@slack/types'
import type { GraphRequest, Message } from '../messages/message.js'
import { escaped } from '../messages/say.js'
import type { ShownNow } from './shown.js'
import type { Content } from './web.js'

/** A picture's place: the how-manieth graph of which message. */
export interface PicturePlace {
  readonly key: string
  readonly graph: GraphRequest
}

export function picturesOf(message: Message): readonly PicturePlace[] {
  return message.blocks
    .flatMap((block) => (block.type === 'graph' ? [block.graph] : []))
    .map((graph, i) => ({ key: `${message.key}/${i}`, graph }))
}

/** The message as Slack takes it now: with the pictures that are ready, or their words; block ids change with their content, or Slack keeps an old state of them. */
export function dressed(message: Message, shown: ShownNow, bare = false): Content {
  const places = [...picturesOf(message)]
  const blocks = message.blocks.flatMap((block): KnownBlock[] => {
    if (block.type !== 'graph') return [block]
    const place = places.shift()!
    return picture(place, shown, bare)
  })
  return { text: message.text, blocks: identified(blocks) }
}

/** What is left of a message that is no longer wanted: its last word, without buttons. */
export const farewell = (text: string): Content => ({
  text,
  blocks: identified([{ type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 3000) } }]),
})

/** For a Slack that turns the blocks away: the sentence and the buttons, so that the night goes on. */
export const plainest = (message: Message): Content => ({
  text: message.text,
  blocks: identified([
    { type: 'section', text: { type: 'mrkdwn', text: message.text.slice(0, 3000) } },
    ...message.blocks.filter((block) => block.type === 'actions'),
  ]),
})

export const contentDigest = (content: Content): string => hash(JSON.stringify(content))

function picture({ key, graph }: PicturePlace, shown: ShownNow, bare: boolean): KnownBlock[] {
  const known = shown.picture(key)
  if (known?.file && !bare)
    return [
      {
        type: 'image',
        slack_file: { id: known.file },
        title: { type: 'plain_text', text: graph.title },
        alt_text: `${graph.title}: lag in offsets, over time`,
      },
    ]
  if (known?.words)
    return [
      {
        type: 'section',
        text: { type: 'mrkdwn', text: `*${escaped(graph.title)}* (lag in offsets)\n${known.words}`.slice(0, 2900) },
      },
    ]
  return []
}

function identified(blocks: readonly KnownBlock[]): readonly KnownBlock[] {
  return blocks.map((block, i) => ({ ...block, block_id: `${i}-${hash(JSON.stringify(block)).slice(0, 16)}` }))
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
