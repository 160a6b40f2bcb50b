import { withIds } from '../blocks/ids.js'
import { channelById } from '../messages.js'
import { refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Shape } from '../types.js'
import { required, shapes, structure, text } from './args.js'
import { byBot, threadOf } from './chat.js'

export function getUploadURLExternal(slack: Slack, args: Shape): Shape {
  const length = Number(required(args, 'length'))
  if (!Number.isInteger(length) || length <= 0) refuse('invalid_arguments')
  const file = slack.files.expect(required(args, 'filename'), length)
  return { upload_url: `${slack.base()}/upload/v1/${file.id}`, file_id: file.id }
}

export function completeUploadExternal(slack: Slack, args: Shape): Shape {
  const asked = shapes(args, 'files', 'invalid_arguments') ?? refuse('invalid_arguments')
  const channel = text(args, 'channel_id') === '' ? undefined : channelById(slack.workspace, text(args, 'channel_id'))
  const files = asked.map((file) => slack.files.complete(text(file, 'id'), text(file, 'title') || undefined))
  if (channel !== undefined) {
    const blocks = structure(args, 'blocks', 'invalid_blocks_format')
    slack.messages.post(channel.id, {
      ...byBot(slack),
      text: text(args, 'initial_comment'),
      ...(blocks === undefined ? {} : { blocks: withIds(slack.rules.message(blocks), slack.workspace.id) }),
      files,
      ...threadOf(slack, channel.id, text(args, 'thread_ts')),
    })
  }
  return { files: files.map(({ id, title }) => ({ id, title })) }
}

/** Until Slack has worked on it a file has no type; that is how an app sees that it is not usable yet. */
export function info(slack: Slack, args: Shape): Shape {
  const { file, ready } = slack.files.find(required(args, 'file'))
  const url = `${slack.base()}/files-pri/${slack.workspace.team.id}-${file.id}/${encodeURIComponent(file.name)}`
  const type = ready
    ? { mimetype: file.mimetype, filetype: file.name.split('.').at(-1) ?? '' }
    : { mimetype: '', filetype: '' }
  return {
    file: {
      ...file,
      ...type,
      user: slack.workspace.bot.user,
      mode: 'hosted',
      url_private: url,
      url_private_download: url,
    },
  }
}

export function remove(slack: Slack, args: Shape): Shape {
  slack.files.remove(required(args, 'file'))
  return {}
}
