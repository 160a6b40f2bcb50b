import { Refusal } from '../refusal.js'
import type { Shape } from '../types.js'
import { anything, flag, isShape, list, object, type Scene, string } from './check.js'
import { layout } from './layouts.js'
import { plainText } from './text.js'

/** Not in Slack's reference; found by those who ran into it. */
const totalCharacters = 13_200

export interface BlockRules {
  /** Throws Slack's refusal when it would not take these blocks in a message. */
  message(blocks: unknown): readonly Shape[]
  view(view: unknown): Shape
  /** Makes Slack ignorant of these block types, as an older one would be. */
  forget(types: readonly string[]): void
}

export function createBlockRules(world: Pick<Scene, 'fileReady' | 'reachable'>): BlockRules {
  const forgotten = new Set<string>()
  const run = (blocks: unknown, at: string, surface: Scene['surface'], max: number): string[] => {
    const problems: string[] = []
    const scene: Scene = {
      ...world,
      surface,
      report: (problem, where) => void problems.push(`${problem} [json-pointer:${where}]`),
    }
    list(layout(forgotten), max, 0)(blocks, at, scene)
    if (Array.isArray(blocks)) problems.push(...repeatedIds(blocks, at))
    return problems
  }
  return {
    message(blocks) {
      const problems = run(blocks, '/blocks', 'message', 50)
      if (problems.length > 0) refuseWith('invalid_blocks', problems)
      const shapes = (blocks as unknown[]).filter(isShape)
      if (shapes.filter(({ type }) => type === 'table').length > 1)
        refuseWith('invalid_blocks', ['only one table allowed [json-pointer:/blocks]'])
      if (shapes.reduce((sum, shape) => sum + characters(shape), 0) > totalCharacters)
        throw new Refusal('msg_blocks_too_long')
      return shapes
    },
    view(view) {
      const surface = isShape(view) && view.type === 'home' ? 'home' : 'modal'
      const problems: string[] = []
      frame(surface)(view, '/view', {
        ...world,
        surface,
        report: (problem, where) => void problems.push(`${problem} [json-pointer:${where}]`),
      })
      const blocks = isShape(view) ? view.blocks : []
      problems.push(...run(blocks, '/view/blocks', surface, 100))
      if (isShape(view) && surface === 'modal' && hasInput(blocks) && view.submit === undefined) {
        problems.push('missing required field: submit [json-pointer:/view]')
      }
      if (problems.length > 0) refuseWith('invalid_arguments', problems)
      return view as Shape
    },
    forget(types) {
      forgotten.clear()
      for (const type of types) forgotten.add(type)
    },
  }
}

function refuseWith(error: string, problems: readonly string[]): never {
  throw new Refusal(error, {
    errors: problems,
    response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
  })
}

const frame = (surface: 'modal' | 'home') =>
  object({
    type: anything,
    blocks: anything,
    ...(surface === 'modal'
      ? {
          title: plainText(24),
          'submit?': plainText(24),
          'close?': plainText(24),
          'clear_on_close?': flag,
          'notify_on_close?': flag,
          'submit_disabled?': flag,
        }
      : {}),
    'private_metadata?': string(3000),
    'callback_id?': string(255),
    'external_id?': string(255),
  })

function repeatedIds(blocks: readonly unknown[], at: string): string[] {
  const seen = new Set<unknown>()
  const problems: string[] = []
  for (const [index, block] of blocks.entries()) {
    if (!isShape(block)) continue
    if (block.block_id !== undefined && seen.has(block.block_id)) {
      problems.push(`block_id already exists [json-pointer:${at}/${index}/block_id]`)
    }
    seen.add(block.block_id)
    if (Array.isArray(block.elements)) problems.push(...repeatedActions(block.elements, `${at}/${index}/elements`))
  }
  return problems
}

function repeatedActions(elements: readonly unknown[], at: string): string[] {
  const ids = elements.map((element) => (isShape(element) ? element.action_id : undefined))
  return ids.flatMap((id, index) =>
    id !== undefined && ids.indexOf(id) < index
      ? [`action_id already exists [json-pointer:${at}/${index}/action_id]`]
      : [],
  )
}

function hasInput(blocks: unknown): boolean {
  return Array.isArray(blocks) && blocks.some((block) => isShape(block) && block.type === 'input')
}

function characters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + characters(item), 0)
  if (!isShape(value)) return 0
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === 'text' && typeof item === 'string' ? item.length : characters(item)),
    0,
  )
}
