import type { ElementProps } from '../Element.js'
import { Words } from '../Emoji.js'
import { wordsOf } from './words.js'

export function Button({ element, busy, give }: ElementProps) {
  const style = typeof element.style === 'string' ? element.style : 'plain'
  const label = typeof element.accessibility_label === 'string' ? { 'aria-label': element.accessibility_label } : {}
  return (
    <button
      type="button"
      className={`button ${style}`}
      aria-busy={busy}
      {...label}
      onClick={() => {
        if (typeof element.url === 'string') window.open(element.url, '_blank', 'noopener')
        if (!busy) give(null)
      }}
    >
      <Words text={wordsOf(element.text)} />
    </button>
  )
}
