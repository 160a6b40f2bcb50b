import { useState } from 'react'
import type { ElementProps } from '../Element.js'
import { Words } from '../Emoji.js'
import { useVisit } from '../visit.js'
import { optionsOf } from './words.js'

export function Overflow({ element, busy, give }: ElementProps) {
  const { state } = useVisit()
  const [open, setOpen] = useState(false)
  return (
    <fieldset
      className="overflow"
      onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || setOpen(false)}
    >
      <button
        type="button"
        className="button plain"
        aria-label="More actions"
        aria-expanded={open}
        aria-busy={busy}
        onClick={() => setOpen(!open)}
      >
        ⋯
      </button>
      {open ? (
        <span className="overflow-menu" role="menu">
          {optionsOf(element, state).map(({ value, text, url }) => (
            <button
              key={value}
              type="button"
              role="menuitem"
              onClick={() => {
                setOpen(false)
                if (url) window.open(url, '_blank', 'noopener')
                give(value)
              }}
            >
              <Words text={text} />
            </button>
          ))}
        </span>
      ) : null}
    </fieldset>
  )
}
