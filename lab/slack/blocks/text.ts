import { all, among, type Check, flag, isShape, list, object, string } from './check.js'

/** Slack names the object around a text that is too long as well as the text. */
const body =
  (types: readonly string[], max: number): Check =>
  (value, at, scene) => {
    const problems: [string, string][] = []
    const inner = { ...scene, report: (problem: string, where: string) => void problems.push([problem, where]) }
    object({ type: among(...types), text: string(max, 1), 'emoji?': flag, 'verbatim?': flag })(value, at, inner)
    if (problems.length > 0) scene.report('failed to match all allowed schemas', at)
    for (const [problem, where] of problems) scene.report(problem, where)
  }

export const plainText = (max: number): Check => body(['plain_text'], max)
export const anyText = (max: number): Check => body(['plain_text', 'mrkdwn'], max)

export const confirm: Check = object({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  'style?': among('primary', 'danger'),
})

const optionFields = { text: anyText(75), value: string(150, 1), 'description?': anyText(75) }
export const option: Check = object(optionFields)
export const overflowOption: Check = object({ ...optionFields, 'url?': string(3000) })
export const options = (max: number): Check => list(option, max)
export const optionGroups: Check = list(object({ label: plainText(75), options: options(100) }), 100)

/** Each initial option must be one of the options, whole. */
export const initialAmongOptions: Check = (value, at, { report }) => {
  if (!isShape(value)) return
  const groups = Array.isArray(value.option_groups) ? value.option_groups : []
  const offered = [value.options, ...groups.map((group) => (isShape(group) ? group.options : []))]
    .flat()
    .map((one) => JSON.stringify(one))
  const chosen = [value.initial_option, value.initial_options].flat().filter((one) => one !== undefined)
  if (!chosen.every((one) => offered.includes(JSON.stringify(one)))) {
    report('initial option must match one of the options', at)
  }
}

export const eitherOptions: Check = all(initialAmongOptions, (value, at, { report }) => {
  if (isShape(value) && (value.options === undefined) === (value.option_groups === undefined)) {
    report('must define either `options` or `option_groups`', at)
  }
})
