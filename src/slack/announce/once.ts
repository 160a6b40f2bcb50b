import type { Content, Web } from './web.js'

/** How long a post of unknown outcome may be looked for. */
const backMs = 600_000

/** Posts a message that never changes, once for its key; throws where Slack does not take it now, so that the caller comes back. */
export async function postOnce(
  web: Pick<Web, 'post' | 'labelled'>,
  channel: string,
  content: Content,
  label: { readonly migration: string; readonly key: string },
  now: number,
): Promise<void> {
  const seen = await web.labelled(channel, label.migration, now - backMs)
  if (seen.is !== 'ok') throw new Error(`Slack could not be asked what stands in the channel (${seen.is})`)
  if (seen.value.some(({ key }) => key === label.key)) return
  const posted = await web.post(channel, content, label)
  if (posted.is !== 'ok')
    throw new Error(`Slack did not take ${label.key} (${posted.is === 'later' ? 'later' : posted.why})`)
}
