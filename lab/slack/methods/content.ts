import { isShape } from '../blocks/check.js'
import { withIds } from '../blocks/ids.js'
import { refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Message, Shape } from '../types.js'
import { shapes, structure, text } from './args.js'

const textLimit = 40_000
const metadataLimit = 8000

/** What a message says, checked as Slack checks it. */
export function contentOf(
  slack: Slack,
  args: Shape,
): Pick<Message, 'text' | 'blocks' | 'attachments' | 'metadata'> & { warnings: readonly string[] } {
  const asked = structure(args, 'blocks', 'invalid_blocks_format')
  const blocks = asked === undefined ? undefined : slack.rules.message(asked)
  const attachments = shapes(args, 'attachments', 'invalid_attachments')
  const words = text(args, 'text') || text(args, 'markdown_text')
  if (words === '' && !blocks?.length && !attachments?.length) refuse('no_text')
  if (words.length > textLimit) refuse('msg_too_long')
  const metadata = metadataOf(args)
  return {
    text: words,
    ...(blocks === undefined ? {} : { blocks: withIds(blocks, slack.workspace.id) }),
    ...(attachments === undefined ? {} : { attachments }),
    ...(metadata === undefined ? {} : { metadata }),
    warnings: words === '' ? ['missing_text_in_message'] : [],
  }
}

export function withWarnings(answer: Shape, warnings: readonly string[]): Shape {
  return warnings.length === 0 ? answer : { ...answer, warning: warnings.join(','), response_metadata: { warnings } }
}

function metadataOf(args: Shape): Message['metadata'] {
  const metadata = structure(args, 'metadata', 'invalid_metadata_format')
  if (metadata === undefined || (isShape(metadata) && Object.keys(metadata).length === 0)) return undefined
  if (!isShape(metadata)) return refuse('invalid_metadata_format')
  if (typeof metadata.event_type !== 'string' || !isShape(metadata.event_payload))
    return refuse('invalid_metadata_schema')
  if (JSON.stringify(metadata).length > metadataLimit) refuse('metadata_too_large')
  return { event_type: metadata.event_type, event_payload: metadata.event_payload }
}
