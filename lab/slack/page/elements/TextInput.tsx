import type { ElementProps } from '../Element.js'
import { wordsOf } from './words.js'

const kinds: Readonly<Record<string, string>> = {
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'number',
}

/** Everything that is typed. Dates and times by the browser's own pickers. */
export function TextInput({ element, given, label, give }: ElementProps) {
  const placeholder = wordsOf(element.placeholder)
  const type = kinds[String(element.type)] ?? 'text'
  const shared = { 'aria-label': label || placeholder, placeholder, className: 'text' }
  if (element.multiline === true) {
    return (
      <textarea
        {...shared}
        rows={4}
        value={String(given ?? '')}
        onChange={(event) => give(event.target.value || null)}
      />
    )
  }
  return (
    <input
      {...shared}
      type={type}
      step={element.is_decimal_allowed === true ? 'any' : undefined}
      value={type === 'datetime-local' ? localOf(given) : String(given ?? '')}
      onChange={(event) =>
        give(
          event.target.value === ''
            ? null
            : type === 'datetime-local'
              ? secondsOf(event.target.value)
              : event.target.value,
        )
      }
    />
  )
}

/** Slack counts seconds since 1970; the browser's picker shows the reader's own clock. */
function localOf(given: ElementProps['given']): string {
  if (typeof given !== 'string') return ''
  const at = new Date(Number(given) * 1000)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function secondsOf(local: string): string {
  return String(Math.floor(new Date(local).getTime() / 1000))
}
