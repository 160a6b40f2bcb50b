import { isShape } from '../../blocks/check.js'
import type { LabState, Shape } from '../../types.js'

export interface Option {
  readonly value: string
  readonly text: string
  readonly description: string
  readonly url: string | undefined
}

export function wordsOf(text: unknown): string {
  return isShape(text) && typeof text.text === 'string' ? text.text : ''
}

/** The options of any select: those the app gave, or the workspace's people and channels. */
export function optionsOf(element: Shape, state: LabState): readonly Option[] {
  const type = String(element.type)
  const named = ({ id, name }: { id: string; name: string }): Option => ({
    value: id,
    text: name,
    description: '',
    url: undefined,
  })
  if (type.includes('users')) return state.people.map(named)
  if (type.includes('channels') || type.includes('conversations'))
    return state.channels.filter(({ user }) => user === undefined).map(named)
  const groups = Array.isArray(element.option_groups) ? element.option_groups.filter(isShape) : []
  return [element.options, ...groups.map((group) => group.options)]
    .flat()
    .filter(isShape)
    .map((option) => ({
      value: String(option.value),
      text: wordsOf(option.text),
      description: wordsOf(option.description),
      url: typeof option.url === 'string' ? option.url : undefined,
    }))
}
