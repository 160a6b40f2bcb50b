import { get } from 'node-emoji'

/** An emoji as a picture, as in Slack, so that it is seen on machines without an emoji font too. */
export function Emoji({ name }: { readonly name: string }) {
  const sign = name.startsWith(rawPrefix) ? fromCode(name.slice(rawPrefix.length)) : get(name)
  if (sign === undefined) return <>{`:${name}:`}</>
  return <img className="emoji" src={`/emoji/${codeOf(sign)}.svg`} alt={sign} title={`:${name}:`} />
}

/** Plain text with its emoji, by name or as such. */
export function Words({ text }: { readonly text: string }) {
  return (
    <>
      {named(text)
        .split(/(:[a-z0-9_+-]+:)/)
        .map((part, index) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
          part.startsWith(':') && part.length > 2 ? <Emoji key={index} name={part.slice(1, -1)} /> : part,
        )}
    </>
  )
}

/** Emoji written as such get a name, so that there is one way to draw them. */
export function named(text: string): string {
  return text.replaceAll(
    /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f/gu,
    (sign) => `:${rawPrefix}${codeOf(sign)}:`,
  )
}

const rawPrefix = 'unicode-'

/** Twemoji's file names: code points without the variation selector, unless a joiner needs it. */
function codeOf(sign: string): string {
  const points = [...sign].map((one) => one.codePointAt(0)?.toString(16) ?? '')
  return (points.includes('200d') ? points : points.filter((point) => point !== 'fe0f')).join('-')
}

function fromCode(code: string): string {
  return String.fromCodePoint(...code.split('-').map((point) => Number.parseInt(point, 16)))
}
