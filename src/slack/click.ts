import { z } from 'zod'

/** Everything a button may ask for; the name is its `action_id`. */
export const clicks = [
  'approve',
  'abort',
  'resume',
  'rollback',
  'close',
  'cancel',
  'retry',
  'skip',
  'yes',
  'no',
  'no-app',
  'acknowledge',
  'snooze',
] as const
export type ClickName = (typeof clicks)[number]

/** What a click carries: which attempt of which step of which run, and what exactly was seen when it was clicked. */
export type Click = z.infer<typeof clickSchema>

const clickSchema = z.strictObject({
  run: z.string().max(100).optional(),
  step: z.string().max(100).optional(),
  attempt: z.int().min(1).optional(),
  nonce: z.string().max(100).optional(),
  digest: z.string().max(100).optional(),
  /** Which of the step's open questions, by its place in the runbook. */
  question: z.string().max(1000).optional(),
  cause: z.string().max(500).optional(),
})

/** As a button's `value`, which Slack limits to 2,000 characters. */
export const clickValue = (click: Click): string => JSON.stringify(click)

/** What came back from Slack: any text at all until it was read here. */
export function readClick(value: unknown): Click | null {
  if (typeof value !== 'string') return null
  try {
    const read = clickSchema.safeParse(JSON.parse(value))
    return read.success ? read.data : null
  } catch {
    return null
  }
}
