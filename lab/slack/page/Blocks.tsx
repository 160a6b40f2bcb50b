import { type Block, Message as Rendered } from 'slack-blocks-to-jsx'
import { isShape } from '../blocks/check.js'
import { elementsOf, type Given } from '../person/elements.js'
import type { Entered } from '../person/values.js'
import type { LabState, Shape } from '../types.js'
import { Element } from './Element.js'
import { Emoji, named } from './Emoji.js'
import { useVisit } from './visit.js'

interface Props {
  readonly blocks: readonly Shape[]
  readonly entered: Entered
  readonly errors?: Readonly<Record<string, string>>
  enter(block: string, action: string, given: Given): Entered
  /** A person used this element. */
  use(block: string, action: string, value: Given, entered: Entered): Promise<unknown>
}

/** Layout is drawn by slack-blocks-to-jsx; whatever can be used is drawn here, since there it is only a picture. */
export function Blocks({ blocks, entered, errors = {}, enter, use }: Props) {
  const element = (block: Shape, one: Shape, held: boolean) => {
    const [blockId, actionId] = [String(block.block_id), String(one.action_id)]
    return (
      <Element
        key={actionId}
        element={one}
        given={entered[blockId]?.[actionId]}
        label={wordsOf(block.label)}
        give={(given) => {
          const next = enter(blockId, actionId, given)
          return held ? undefined : use(blockId, actionId, given, next)
        }}
      />
    )
  }
  return (
    <div className="blocks">
      {blocks.map((block) => {
        const key = String(block.block_id)
        if (block.type === 'actions') {
          return (
            <div key={key} className="actions">
              {elementsOf(block).map((one) => element(block, one, false))}
            </div>
          )
        }
        if (block.type === 'input') {
          const [one] = elementsOf(block)
          return (
            <div key={key} className={`input${errors[key] ? ' wrong' : ''}`}>
              <span className="label">
                {wordsOf(block.label)}
                {block.optional === true ? <span className="faint"> (optional)</span> : null}
              </span>
              {one ? element(block, one, block.dispatch_action !== true) : null}
              {errors[key] ? <p role="alert">{errors[key]}</p> : null}
              {isShape(block.hint) ? <p className="faint">{wordsOf(block.hint)}</p> : null}
            </div>
          )
        }
        const { accessory } = block
        if (isShape(accessory) && accessory.type !== 'image') {
          const { accessory: _accessory, ...plain } = block
          return (
            <div key={key} className="with-accessory">
              <Drawn block={plain} />
              {element(block, accessory, false)}
            </div>
          )
        }
        return <Drawn key={key} block={block} />
      })}
    </div>
  )
}

function Drawn({ block }: { readonly block: Shape }) {
  const { state, dark } = useVisit()
  const people = [...state.people, { id: state.bot.user, name: state.bot.name }]
  return (
    <Rendered
      blocks={[drawable(block, state)]}
      logo=""
      name=""
      withoutWrapper
      theme={dark ? 'dark' : 'light'}
      hooks={{ emoji: ({ name }) => <Emoji name={name} /> }}
      data={{
        users: people.map(({ id, name }) => ({ id, name })),
        channels: state.channels.map(({ id, name }) => ({ id, name })),
        user_groups: state.groups.map(({ id, handle }) => ({ id, name: handle })),
      }}
    />
  )
}

/** The library wants addresses where Slack has file ids, and leaves `&amp;` as it is. */
function drawable(value: Shape, state: LabState): Block {
  const prepare = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(prepare)
    if (!isShape(one)) return one
    const whole = Object.fromEntries(
      Object.entries(one).map(([name, part]) => [
        name,
        name === 'text' && typeof part === 'string' ? named(part.replaceAll('&amp;', '&')) : prepare(part),
      ]),
    )
    if (one.type !== 'image' || !isShape(one.slack_file)) return whole
    const known = state.files.find(({ id }) => isShape(one.slack_file) && one.slack_file.id === id)
    return { ...whole, slack_file: undefined, image_url: known ? `/lab/file/${known.id}` : undefined }
  }
  return prepare(value) as Block
}

function wordsOf(text: unknown): string {
  return isShape(text) && typeof text.text === 'string' ? text.text : ''
}
