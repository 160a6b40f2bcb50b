import { all, among, anything, type Check, flag, isShape, list, number, object, string, typed } from './check.js'
import {
  anyText,
  confirm,
  eitherOptions,
  initialAmongOptions,
  option,
  optionGroups,
  options,
  overflowOption,
  plainText,
} from './text.js'

const id = string(255, 1)
const acting = { type: anything, 'action_id?': id }
const focusing = { ...acting, 'focus_on_load?': flag }
const asking = { ...focusing, 'confirm?': confirm }
const picking = { ...asking, 'placeholder?': plainText(150) }
const multi = { 'max_selected_items?': number }
const dispatching = {
  'dispatch_action_config?': object({
    'trigger_actions_on?': list(among('on_enter_pressed', 'on_character_entered'), 2),
  }),
}
const typing = { ...focusing, 'placeholder?': plainText(150), 'initial_value?': string(3000), ...dispatching }
const filter = { 'filter?': anything, 'default_to_current_conversation?': flag }

const imageSource: Check = (value, at, scene) => {
  if (!isShape(value)) return
  const { image_url, slack_file } = value
  if ((image_url === undefined) === (slack_file === undefined))
    scene.report('must define either `image_url` or `slack_file`', at)
  if (typeof image_url === 'string' && !scene.reachable(image_url))
    scene.report('downloading image failed', `${at}/image_url`)
  if (isShape(slack_file) && typeof slack_file.id === 'string' && !scene.fileReady(slack_file.id)) {
    scene.report('invalid slack file', `${at}/slack_file`)
  }
}
const slackFile = object({ 'id?': string(255), 'url?': string(3000) })
export const imageFields = {
  type: anything,
  alt_text: string(2000),
  'image_url?': string(3000),
  'slack_file?': slackFile,
}
export const image: Check = all(
  object({ ...imageFields, 'image_width?': number, 'image_height?': number, 'image_bytes?': number }),
  imageSource,
)
export { imageSource }

const button = object({
  ...acting,
  text: plainText(75),
  'value?': string(2000),
  'url?': string(3000),
  'style?': among('primary', 'danger'),
  'confirm?': confirm,
  'accessibility_label?': string(75),
})
const picks = {
  static_select: all(
    object({ ...picking, 'options?': options(100), 'option_groups?': optionGroups, 'initial_option?': option }),
    eitherOptions,
  ),
  users_select: object({ ...picking, 'initial_user?': id }),
  conversations_select: object({ ...picking, ...filter, 'initial_conversation?': id, 'response_url_enabled?': flag }),
  channels_select: object({ ...picking, 'initial_channel?': id, 'response_url_enabled?': flag }),
  multi_static_select: all(
    object({
      ...picking,
      ...multi,
      'options?': options(100),
      'option_groups?': optionGroups,
      'initial_options?': options(100),
    }),
    eitherOptions,
  ),
  multi_users_select: object({ ...picking, ...multi, 'initial_users?': list(id, 100) }),
  multi_conversations_select: object({ ...picking, ...multi, ...filter, 'initial_conversations?': list(id, 100) }),
  multi_channels_select: object({ ...picking, ...multi, 'initial_channels?': list(id, 100) }),
  checkboxes: all(object({ ...asking, options: options(10), 'initial_options?': options(10) }), initialAmongOptions),
  radio_buttons: all(object({ ...asking, options: options(10), 'initial_option?': option }), initialAmongOptions),
  datepicker: object({ ...picking, 'initial_date?': string(10) }),
  timepicker: object({ ...picking, 'initial_time?': string(5), 'timezone?': string(100) }),
  datetimepicker: object({ ...asking, 'initial_date_time?': number }),
}
const inputs = {
  plain_text_input: object({ ...typing, 'multiline?': flag, 'min_length?': number, 'max_length?': number }),
  email_text_input: object(typing),
  url_text_input: object(typing),
  number_input: object({ ...typing, is_decimal_allowed: flag, 'min_value?': number, 'max_value?': number }),
  rich_text_input: object({ ...typing, 'initial_value?': anything }),
  file_input: object({ ...acting, 'filetypes?': list(string(50), 100), 'max_files?': number }),
}
const overflow = object({ ...acting, options: list(overflowOption, 5), 'confirm?': confirm })

const acts = {
  button,
  overflow,
  ...picks,
  plain_text_input: inputs.plain_text_input,
  rich_text_input: inputs.rich_text_input,
}
export const actionElement: Check = typed(() => acts)
export const accessory: Check = typed(() => ({ button, overflow, image, ...picks }))
export const inputElement: Check = typed(() => ({ ...picks, ...inputs }))
export const contextElement: Check = typed(() => ({ image, plain_text: anyText(2000), mrkdwn: anyText(2000) }))
const thumb = object({ text: plainText(75), value: string(2000), 'accessibility_label?': string(75) })
export const contextAction: Check = typed(() => ({
  feedback_buttons: object({ ...acting, positive_button: thumb, negative_button: thumb }),
  icon_button: object({
    ...acting,
    icon: among('trash'),
    text: plainText(75),
    'value?': string(2000),
    'confirm?': confirm,
    'accessibility_label?': string(75),
    'visible_to_user_ids?': list(id, 100),
  }),
}))
