import {
  all,
  among,
  anything,
  type Check,
  flag,
  isShape,
  list,
  number,
  object,
  type Scene,
  string,
  typed,
} from './check.js'
import {
  accessory,
  actionElement,
  contextAction,
  contextElement,
  image,
  imageFields,
  imageSource,
  inputElement,
} from './elements.js'
import { anyText, plainText } from './text.js'

const block = { type: anything, 'block_id?': string(255) }

const section = all(
  object({
    ...block,
    'text?': anyText(3000),
    'fields?': list(anyText(2000), 10),
    'accessory?': accessory,
    'expand?': flag,
  }),
  (value, at, { report }) => {
    if (isShape(value) && value.text === undefined && value.fields === undefined)
      report('must define either `text` or `fields`', `${at}/type`)
  },
)
const rich = list(
  typed(() => ({
    rich_text_section: anything,
    rich_text_list: anything,
    rich_text_preformatted: anything,
    rich_text_quote: anything,
  })),
  1000,
  0,
)
const richText = object({ ...block, elements: rich })
const cell = typed(() => ({
  raw_text: object({ type: anything, text: string(3000) }),
  raw_number: object({ type: anything, value: number, 'text?': string(100) }),
  rich_text: richText,
}))
const column = object({ 'align?': among('left', 'center', 'right'), 'is_wrapped?': flag })
const table = object({ ...block, rows: list(list(cell, 20), 100), 'column_settings?': list(column, 20) })
const input = object({
  ...block,
  label: plainText(2000),
  element: inputElement,
  'dispatch_action?': flag,
  'hint?': plainText(2000),
  'optional?': flag,
})
const point = object({ label: string(50), value: number })
const series = object({ name: string(50, 1), data: list(point, 20) })
const axes = object({ 'categories?': list(string(50), 20), 'x_label?': string(50), 'y_label?': string(50) })
const plot = object({ type: anything, series: list(series, 6), 'axis_config?': axes })
const pie = object({ type: anything, segments: list(point, 6) })
const chart = typed(() => ({ line: plot, bar: plot, area: plot, pie }))

const everywhere = {
  section,
  divider: object(block),
  header: object({ ...block, text: plainText(150), 'level?': among(1, 2, 3, 4) }),
  context: object({ ...block, elements: list(contextElement, 10) }),
  actions: object({ ...block, elements: list(actionElement, 25) }),
  image: all(object({ ...block, ...imageFields, 'title?': plainText(2000) }), imageSource),
  rich_text: richText,
  input,
}
const messagesOnly = {
  context_actions: object({ ...block, elements: list(contextAction, 5) }),
  markdown: object({ ...block, text: string(12_000, 1) }),
  table,
  alert: object({ ...block, text: anyText(3000), 'level?': among('default', 'info', 'warning', 'error', 'success') }),
  card: object({
    ...block,
    'title?': anyText(150),
    'subtitle?': anyText(150),
    'body?': anyText(200),
    'icon?': image,
    'hero_image?': image,
    'actions?': list(actionElement, 3),
  }),
  data_visualization: object({ ...block, title: string(50, 1), chart }),
  file: object({ ...block, external_id: string(255), source: among('remote') }),
}
const bySurface: Readonly<Record<Scene['surface'], Readonly<Record<string, Check>>>> = {
  message: { ...everywhere, ...messagesOnly },
  modal: everywhere,
  home: everywhere,
}

/** Block types that this Slack knows on a surface, less those a test has told it to forget. */
export const layout =
  (forgotten: ReadonlySet<string>): Check =>
  (value, at, scene) =>
    typed(() => Object.fromEntries(Object.entries(bySurface[scene.surface]).filter(([type]) => !forgotten.has(type))))(
      value,
      at,
      scene,
    )
