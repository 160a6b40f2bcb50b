import type { ElementProps } from '../Element.js'
import { useVisit } from '../visit.js'
import { optionsOf, wordsOf } from './words.js'

export function Select({ element, given, label, busy, give }: ElementProps) {
  const { state } = useVisit()
  const placeholder = wordsOf(element.placeholder) || 'Choose an option'
  return (
    <select
      className="select"
      aria-label={label || placeholder}
      aria-busy={busy}
      value={typeof given === 'string' ? given : ''}
      onChange={(event) => give(event.target.value === '' ? null : event.target.value)}
    >
      <option value="">{placeholder}</option>
      {optionsOf(element, state).map(({ value, text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
}
