import { isShape } from '../blocks/check.js'
import { refuse } from '../refusal.js'
import type { Shape } from '../types.js'

/** What a person gives to an element: typed text, the value of an option, an id, a date; several of them for a multi-select. */
export type Given = string | readonly string[] | null

/** The element of this name in these blocks, with the block that holds it. */
export function findElement(
  blocks: readonly Shape[],
  actionId: string,
  blockId?: string,
): { block: Shape; element: Shape } {
  for (const block of blocks) {
    if (blockId !== undefined && block.block_id !== blockId) continue
    const element = elementsOf(block).find(({ action_id }) => action_id === actionId)
    if (element !== undefined) return { block, element }
  }
  return refuse('element_not_found')
}

export function elementsOf(block: Shape): readonly Shape[] {
  const listed = Array.isArray(block.elements) ? block.elements : []
  return [...listed, block.accessory, block.element].filter(isShape)
}

/** An element's state as Slack writes it in `state.values` and in `actions`. */
export function stateOf(element: Shape, given: Given): Shape {
  const type = String(element.type)
  const one = Array.isArray(given) ? (given[0] ?? null) : given
  const several = Array.isArray(given) ? given : given === null ? [] : [given]
  switch (type) {
    case 'button':
      return { type, ...pick(element, ['text', 'value', 'style', 'url']) }
    case 'static_select':
    case 'radio_buttons':
    case 'overflow':
      return { type, selected_option: one === null ? null : optionOf(element, String(one)) }
    case 'checkboxes':
    case 'multi_static_select':
      return { type, selected_options: several.map((value) => optionOf(element, value)) }
    case 'users_select':
      return { type, selected_user: one }
    case 'conversations_select':
      return { type, selected_conversation: one }
    case 'channels_select':
      return { type, selected_channel: one }
    case 'multi_users_select':
      return { type, selected_users: several }
    case 'multi_conversations_select':
      return { type, selected_conversations: several }
    case 'multi_channels_select':
      return { type, selected_channels: several }
    case 'datepicker':
      return { type, selected_date: one }
    case 'timepicker':
      return { type, selected_time: one }
    case 'datetimepicker':
      return { type, selected_date_time: one === null ? null : Number(one) }
    default:
      return { type, value: one === '' ? null : one }
  }
}

/** What an element holds before anybody has touched it. */
export function initialOf(element: Shape): Given {
  const option = isShape(element.initial_option) ? String(element.initial_option.value) : undefined
  const options = Array.isArray(element.initial_options)
    ? element.initial_options.filter(isShape).map(({ value }) => String(value))
    : undefined
  const many = element.initial_users ?? element.initial_conversations ?? element.initial_channels
  const single = ['value', 'user', 'conversation', 'channel', 'date', 'time', 'date_time']
    .map((kind) => element[`initial_${kind}`])
    .find((value) => value !== undefined)
  return (
    option ??
    options ??
    (Array.isArray(many) ? many.map(String) : undefined) ??
    (single === undefined ? null : String(single))
  )
}

function optionOf(element: Shape, value: string): Shape {
  const groups = Array.isArray(element.option_groups) ? element.option_groups.filter(isShape) : []
  const options = [element.options, ...groups.map((group) => group.options)].flat().filter(isShape)
  return options.find((option) => option.value === value) ?? refuse('option_not_found')
}

function pick(element: Shape, names: readonly string[]): Shape {
  return Object.fromEntries(names.filter((name) => element[name] !== undefined).map((name) => [name, element[name]]))
}
