import type { EffectRun, StepRun } from '../../run/state.js'
import { bullets, clipped, count, escaped } from './say.js'

/** What this attempt will do, or did: earlier attempts' finished work is not asked for again. */
export const effectsOf = (step: StepRun): readonly EffectRun[] =>
  step.effects.filter((effect) => effect.attempt === step.attempt)

/** `12 changes` */
export const effectCount = (effects: readonly EffectRun[]): string => count(effects.length, 'change')

/** What an action does, as a heading over its changes. */
const actionWords: Readonly<Record<string, string>> = {
  'acls-create': 'Give and take rights',
  'apps-start': 'Start apps',
  'apps-stop': 'Stop apps',
  'checkpoints-stop': 'Stop moving offsets',
  'copy-back': 'Copy records back',
  'groups-follow': 'Place groups on the source',
  'groups-position': 'Place groups on the target',
  'mirror-start': 'Start the mirror',
  'mirror-stop': 'Stop the mirror',
  'topics-align': 'Align topics',
  'topics-create': 'Make topics',
  'valve-close': 'Close the valve',
  'valve-open': 'Open the valve',
  'writes-fence': 'Deny writing',
  'writes-open': 'Allow writing',
}

/** The changes by action in the order in which they happen, ten names each, the rest as a number. */
export function effectLines(effects: readonly EffectRun[]): string {
  const kinds = [...grouped(effects)]
  return kinds
    .slice(0, 6)
    .map(([action, some]) => {
      const lines = some.map(({ effect }) => clipped(sayEffect(effect), 160))
      return `${kinds.length > 1 ? `*${escaped(actionWords[action] ?? action)}*: ${count(some.length, 'change')}\n` : ''}${bullets(lines)}`
    })
    .join('\n')
}

/** `stop intake-file on the source`: connectors of the two sides may have one name. */
export function sayEffect({ on, text }: EffectRun['effect']): string {
  const side = (on as { side?: string } | null)?.side
  return escaped(side && !text.includes(`the ${side}`) ? `${text} on the ${side}` : text)
}

export const doneOf = (effects: readonly EffectRun[]): number =>
  effects.filter((effect) => effect.status.is === 'done').length

/** Changes that went wrong and are tried again, with what was seen. */
export function troubleLines(effects: readonly EffectRun[]): string {
  const lines = effects.flatMap(({ effect, status, failures }) =>
    status.is === 'failed'
      ? [`${escaped(effect.text)}: ${escaped(status.text)} (tried ${count(failures, 'time')})`]
      : [],
  )
  return bullets(
    lines.map((line) => clipped(line, 300)),
    5,
  )
}

/** What can be decided for one stuck app of many, by the word; empty while nothing of an app is stuck. */
export function oneAppAlone(effects: readonly EffectRun[]): readonly string[] {
  const stuck = effects.flatMap(({ effect, status, failures }) => {
    const app = (effect.on as { app?: string } | null)?.app
    return app && status.is !== 'done' && (failures > 0 || status.is === 'failed') ? [app] : []
  })
  const [app] = stuck
  if (app === undefined) return []
  const name = escaped(app)
  return [
    `One app alone (${count(stuck.length, 'is', 'are')} stuck): \`/migrate exclude ${name} REASON\` leaves it out of the run, \`/migrate force ${name} REASON\` does not wait for its gate, \`/migrate word ${name} REASON\` is its owner’s word for what cannot be measured.`,
  ]
}

function grouped(effects: readonly EffectRun[]): ReadonlyMap<string, readonly EffectRun[]> {
  const groups = new Map<string, EffectRun[]>()
  for (const effect of [...effects].sort((a, b) => a.order - b.order)) {
    const action = effect.effect.action
    groups.set(action, [...(groups.get(action) ?? []), effect])
  }
  return groups
}
