import type { InputBlock, ModalView, SectionBlock } from '@slack/types'
import { z } from 'zod'
import { type Click, clicks, clickValue, readClick } from '../click.js'
import { section } from '../messages/blocks.js'
import { clipped, escaped, named, sentence } from '../messages/say.js'
import { type ReasonClick, type Said, wantsReason } from './asked.js'
import type { Known } from './known.js'

export const reasonCallback = 'reason'
export const reasonBlock = 'reason'
const appBlock = 'app'
const choiceBlock = 'app-choice'

interface Words {
  readonly title: string
  readonly submit: string
  readonly what: string
  /** Whoever stops something in an emergency is not held up. */
  readonly optional?: true
}

const words: Record<ReasonClick, Words> = {
  abort: { title: 'Abort', submit: 'Abort', what: 'Nothing further is done once this is recorded.', optional: true },
  rollback: {
    title: 'Roll back',
    submit: 'Roll back',
    what: 'Each step back is asked for approval in the channel.',
    optional: true,
  },
  close: { title: 'Close the run', submit: 'Close', what: 'The run ends here; everything stays as it is now' },
  skip: {
    title: 'Skip the step',
    submit: 'Skip',
    what: 'The run goes on as if this step had been proved. It was not.',
  },
  'no-app': {
    title: 'Not all right',
    submit: 'Answer no',
    what: 'The step fails with your reason, and those who approve decide what comes next.',
  },
}

/**
 * Asks for a reason; what it is for travels in its private metadata. It is opened without `known`, and changed once that is: it may
 * not be for this person, name apps to choose from, or warn.
 */
export function reasonView(name: ReasonClick, click: Click, known: Known | null = null): ModalView {
  const { title, submit, what, optional } = words[name]
  const view = {
    type: 'modal',
    callback_id: reasonCallback,
    private_metadata: JSON.stringify({ name, click: clickValue(click) }),
    title: { type: 'plain_text', text: title },
    close: { type: 'plain_text', text: 'Back' },
  } as const
  if (known?.refused) return { ...view, blocks: [section(`*Not possible.* ${escaped(known.refused)}`)] }
  const kept = optional
    ? 'A reason may be left out; one that is given is kept in the log.'
    : 'The reason is kept in the log.'
  return {
    ...view,
    submit: { type: 'plain_text', text: submit },
    blocks: [
      section(`${sentence(`${what}${known?.besides ?? ''}`)} ${kept}`),
      ...(name === 'no-app' ? appInput(known?.apps ?? []) : []),
      {
        type: 'input',
        block_id: reasonBlock,
        ...(optional ? { optional } : {}),
        label: { type: 'plain_text', text: 'Reason' },
        element: { type: 'plain_text_input', action_id: 'text', max_length: 500, focus_on_load: true },
      },
    ],
  }
}

/** Slack shows no more in one list. */
const mostChoices = 100

/** Chosen from a list once it is known whose apps these are; typed until then, or where they are too many. */
function appInput(apps: readonly string[]): readonly (InputBlock | SectionBlock)[] {
  if (apps.length === 1) return [section(`It is about *${named(apps[0]!)}*.`)]
  if (apps.length > 1 && apps.length <= mostChoices)
    return [
      {
        type: 'input',
        block_id: choiceBlock,
        label: { type: 'plain_text', text: 'Which app' },
        element: {
          type: 'static_select',
          action_id: 'choice',
          options: apps.map((app) => ({
            text: { type: 'plain_text', text: app.slice(0, 75) },
            value: app.slice(0, 150),
          })),
        },
      },
    ]
  return [
    {
      type: 'input',
      block_id: appBlock,
      optional: true,
      label: { type: 'plain_text', text: 'App: needed if you have more than one' },
      element: { type: 'plain_text_input', action_id: 'text', max_length: 100 },
    },
  ]
}

const metadataSchema = z.object({ name: z.enum(clicks), click: z.string() })
const textSchema = z.object({ text: z.object({ value: z.string().nullish() }) })
const choiceSchema = z.object({ choice: z.object({ selected_option: z.object({ value: z.string() }).nullish() }) })
const enteredSchema = z.object({
  [reasonBlock]: textSchema,
  [appBlock]: textSchema.optional(),
  [choiceBlock]: choiceSchema.optional(),
})

/** What came back: unreadable is null. */
export function readReason(
  metadata: string,
  values: unknown,
): { readonly name: ReasonClick; readonly click: Click; readonly said: Said } | null {
  const about = metadataSchema.safeParse(parsed(metadata))
  const entered = enteredSchema.safeParse(values)
  const click = about.success ? readClick(about.data.click) : null
  if (!about.success || !entered.success || !click || !wantsReason(about.data.name)) return null
  const { [reasonBlock]: reason, [appBlock]: typed, [choiceBlock]: chosen } = entered.data
  return {
    name: about.data.name,
    click,
    said: {
      app: chosen?.choice.selected_option?.value ?? (typed?.text.value?.trim() || null),
      reason: clipped((reason.text.value ?? '').trim(), 500),
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
