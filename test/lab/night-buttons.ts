import type { Seen } from '../../lab/slack/client.js'
import type { LabState, Shape } from '../../lab/slack/types.js'

export interface Button {
  readonly label: string
  readonly actionId: string
  readonly message: Seen
  /** The same for the same question only. */
  readonly identity: string
  readonly title: string
}

/** Every button that stands in the channels now, oldest message first. */
export function buttonsIn(state: LabState): readonly Button[] {
  return state.channels.flatMap((channel) =>
    channel.messages.flatMap((message) =>
      (message.blocks ?? [])
        .filter((block) => block.type === 'actions')
        .flatMap((block) => block.elements as readonly Shape[])
        .map((element) => ({
          label: String((element.text as Shape | undefined)?.text ?? ''),
          actionId: String(element.action_id),
          message: { ...message, channel: channel.id },
          identity: `${message.ts} ${String(element.value ?? '')}`,
          title: message.text.slice(0, 100),
        })),
    ),
  )
}
