import { z } from 'zod'
import { elementsOf, type Given } from '../person/elements.js'
import type { Entered } from '../person/values.js'
import { refuse } from '../refusal.js'
import type { Shape } from '../types.js'

const given = z.union([z.string(), z.array(z.string()), z.null()])
const entered = z.record(z.string(), z.record(z.string(), given))

export const line = z
  .object({ user: z.string(), channel: z.string(), text: z.string(), thread: z.string().optional() })
  .transform(({ thread, ...rest }) => ({ ...rest, ...(thread ? { thread } : {}) }))

export const click = z.object({
  user: z.string(),
  channel: z.string().optional(),
  ts: z.string().optional(),
  view_id: z.string().optional(),
  action_id: z.string(),
  block_id: z.string().optional(),
  value: given.default(null),
  entered: entered.default({}),
})

export const submit = z.object({
  user: z.string(),
  view_id: z.string(),
  /** By block_id or action_id, or by block_id and then action_id. */
  values: z.record(z.string(), z.union([given, z.record(z.string(), given)])).default({}),
})

export const close = z.object({ user: z.string(), view_id: z.string(), all: z.boolean().default(false) })

export const fault = z
  .object({
    method: z.string(),
    answer: z.union([
      z.literal([429, 500, 503, 'silence', 'lost', 'delay']),
      z.templateLiteral(['error:', z.string()]),
    ]),
    calls: z.number().optional(),
    forMs: z.number().optional(),
    retryAfter: z.number().optional(),
    delayMs: z.number().optional(),
  })
  .transform(({ method, answer, ...rest }) => ({
    method,
    answer,
    ...(rest.calls === undefined ? {} : { calls: rest.calls }),
    ...(rest.forMs === undefined ? {} : { forMs: rest.forMs }),
    ...(rest.retryAfter === undefined ? {} : { retryAfter: rest.retryAfter }),
    ...(rest.delayMs === undefined ? {} : { delayMs: rest.delayMs }),
  }))

/** A test says `{ reason: 'why' }`; Slack wants to know block and action. */
export function byBlock(blocks: readonly Shape[], values: z.infer<typeof submit>['values']): Entered {
  const found: Record<string, Record<string, Given>> = {}
  for (const [key, value] of Object.entries(values)) {
    const block = blocks.find(
      (one) => one.block_id === key || elementsOf(one).some(({ action_id }) => action_id === key),
    )
    const [element] = block === undefined ? [] : elementsOf(block)
    if (block === undefined || element === undefined) return refuse('element_not_found', { named: key })
    const plain = typeof value === 'string' || value === null || Array.isArray(value)
    found[String(block.block_id)] = plain ? { [String(element.action_id)]: value } : value
  }
  return found
}
