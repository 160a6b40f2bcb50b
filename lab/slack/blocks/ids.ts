import type { Shape } from '../types.js'
import { isShape } from './check.js'

/** Slack names every block and every element that the app left without a name. */
export function withIds(blocks: readonly Shape[], id: (kind: string) => string): readonly Shape[] {
  const named = (element: unknown): unknown =>
    isShape(element) && !textual.has(String(element.type)) ? { action_id: id('a').toLowerCase(), ...element } : element
  return blocks.map((block) => ({
    ...block,
    block_id: block.block_id ?? id('b').toLowerCase(),
    ...(block.type === 'actions' && Array.isArray(block.elements) ? { elements: block.elements.map(named) } : {}),
    ...(block.accessory === undefined ? {} : { accessory: named(block.accessory) }),
    ...(block.type === 'input' ? { element: named(block.element) } : {}),
  }))
}

const textual: ReadonlySet<string> = new Set(['image', 'mrkdwn', 'plain_text'])
