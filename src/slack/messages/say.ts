/** Text from outside as Slack takes it literally: no link, mention or markup can be smuggled in. */
export const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** A name inside a sentence: escaped, and without the characters that would make it bold or code. */
export const named = (text: string): string => escaped(text.replace(/[*_`~\r\n]+/g, ' ').trim())

/** A moment in the reader's own time zone, to the second; UTC where the client cannot. */
export const clock = (at: number): string => slackDate(at, '{time_secs}')

/** A moment with its day. */
export const dayAndClock = (at: number): string => slackDate(at, '{date_short_pretty} {time_secs}')

/** Slack turns a message away that is too long; what is cut says so. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text
  const cut = text.slice(0, most - 2)
  const whole = cut.slice(0, Math.max(cut.lastIndexOf('\n'), cut.lastIndexOf(' '), most - 200))
  return `${unbroken(whole)} …`
}

/** `a, b, c and 4 more` */
export function listed(names: readonly string[], most = 10): string {
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join('')
}

/** Lines of a list; beyond `most` only their number. */
export function bullets(lines: readonly string[], most = 10): string {
  const shown = lines.slice(0, most).map((line) => `• ${line}`)
  return [...shown, ...(lines.length > most ? [`• and ${lines.length - most} more`] : [])].join('\n')
}

/** `1 change`, `12 changes`, `1,204 records` */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** One full stop at the end; the first letter stays, since it may be a topic's. */
export const sentence = (text: string): string => (/[.!?…]\s*$/.test(text) ? text.trim() : `${text.trim()}.`)

function slackDate(at: number, format: string): string {
  const utc = `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  return `<!date^${Math.floor(at / 1000)}^${format}|${utc}>`
}

/** No entity, date or mention is cut in its middle. */
function unbroken(text: string): string {
  const open = text.lastIndexOf('<')
  const kept = open > text.lastIndexOf('>') ? text.slice(0, open) : text
  return kept.replace(/&[a-z]{0,3}$/, '')
}
