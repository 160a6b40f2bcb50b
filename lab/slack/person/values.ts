import type { Shape } from '../types.js'
import { elementsOf, type Given, initialOf, stateOf } from './elements.js'

/** What a person has put into the inputs of one message or view, by block and action. */
export type Entered = Readonly<Record<string, Readonly<Record<string, Given>>>>

const stateless: ReadonlySet<string> = new Set([
  'button',
  'overflow',
  'image',
  'mrkdwn',
  'plain_text',
  'feedback_buttons',
  'icon_button',
])

/** `state.values`: every input's state, what was entered over what it began with. */
export function valuesOf(blocks: readonly Shape[], entered: Entered): Shape {
  const values: Record<string, Record<string, Shape>> = {}
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      if (stateless.has(String(element.type)) || element.action_id === undefined) continue
      const [blockId, actionId] = [String(block.block_id), String(element.action_id)]
      const given = entered[blockId]?.[actionId]
      const held = values[blockId] ?? {}
      values[blockId] = { ...held, [actionId]: stateOf(element, given === undefined ? initialOf(element) : given) }
    }
  }
  return values
}

/** What the page itself says before it lets a form go: by block_id. */
export function missingIn(blocks: readonly Shape[], entered: Entered): Record<string, string> {
  const errors: Record<string, string> = {}
  for (const block of blocks.filter(({ type }) => type === 'input')) {
    const [element] = elementsOf(block)
    if (element === undefined) continue
    const given = entered[String(block.block_id)]?.[String(element.action_id)] ?? initialOf(element)
    const problem = problemWith(element, given, block.optional === true)
    if (problem !== undefined) errors[String(block.block_id)] = problem
  }
  return errors
}

function problemWith(element: Shape, given: Given, optional: boolean): string | undefined {
  if (given === null || given.length === 0) return optional ? undefined : 'Please complete this required field.'
  if (element.type === 'plain_text_input' && typeof given === 'string') {
    if (given.length < Number(element.min_length ?? 0))
      return `Must be at least ${String(element.min_length)} characters.`
    if (given.length > Number(element.max_length ?? 3000))
      return `Must be at most ${String(element.max_length ?? 3000)} characters.`
  }
  if (element.type === 'number_input' && !Number.isFinite(Number(given))) return 'Please enter a number.'
  return undefined
}
