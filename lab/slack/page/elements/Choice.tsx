import { useId } from 'react'
import type { ElementProps } from '../Element.js'
import { Words } from '../Emoji.js'
import { useVisit } from '../visit.js'
import { optionsOf } from './words.js'

/** Checkboxes, radio buttons, and multi-selects, which are shown as the checkboxes that they are. */
export function Choice({ element, given, label, give }: ElementProps) {
  const { state } = useVisit()
  const name = useId()
  const one = element.type === 'radio_buttons'
  const chosen = Array.isArray(given) ? given : given === null ? [] : [String(given)]
  const toggle = (value: string): string[] =>
    chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]
  return (
    <fieldset className="choice" aria-label={label}>
      {optionsOf(element, state).map(({ value, text, description }) => (
        <label key={value}>
          <input
            type={one ? 'radio' : 'checkbox'}
            name={name}
            checked={chosen.includes(value)}
            onChange={() => give(one ? value : toggle(value))}
          />
          <span>
            <Words text={text} />
            {description ? <span className="faint"> {description}</span> : null}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
