import type { ActionsBlock, Button, ContextBlock, HeaderBlock, SectionBlock } from '@slack/types'
import { type Click, type ClickName, clickValue } from '../click.js'
import { clipped } from './say.js'

/** Slack's own bounds, with room to spare: a whole message holds about 13,200 characters and 50 blocks. */
const longest = { header: 148, section: 2400, context: 1800 }

export const header = (text: string): HeaderBlock => ({
  type: 'header',
  text: { type: 'plain_text', text: clipped(text, longest.header), emoji: false },
})

export const section = (mrkdwn: string, most = longest.section): SectionBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: clipped(mrkdwn, most) },
})

/** Small print: who, when, where it is written down. */
export const context = (mrkdwn: string): ContextBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: clipped(mrkdwn, longest.context) }],
})

export const actions = (...elements: readonly Button[]): ActionsBlock => ({ type: 'actions', elements: [...elements] })

/** The word says what happens; the colour only repeats it. `about` is what a screen reader hears. */
export function button(
  name: ClickName,
  label: string,
  about: string,
  click: Click,
  style?: 'primary' | 'danger',
): Button {
  return {
    type: 'button',
    action_id: name,
    text: { type: 'plain_text', text: label, emoji: false },
    accessibility_label: about.slice(0, 75),
    value: clickValue(click),
    ...(style ? { style } : {}),
  }
}
