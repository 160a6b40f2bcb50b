import { type Alert, numberOf, type Run, type StepRun } from '../../run/state.js'
import { effectsOf } from './effects.js'
import type { GraphBlock, GraphRequest } from './message.js'

const beforeMs = 600_000
/** A fall is seen only beside what it falls from. */
const leadMs = 30_000

/** The lag of every group from the step's start on, for steps that stop, drain or start something; none for the others. */
export function stepGraph(run: Run, step: StepRun): readonly GraphBlock[] {
  const groups = groupsOf(run)
  if (!movesLag(step) || groups.length === 0) return []
  const number = numberOf(run, step)
  const { phase } = step
  switch (phase.is) {
    case 'asking':
    case 'confirming':
      // What an earlier run did to the lag would make this one's a smear at the edge.
      return [
        graph(
          `Lag before step ${number}`,
          groups,
          Math.max(phase.since - beforeMs, run.startedAt - leadMs),
          phase.since,
          [],
        ),
      ]
    case 'acting':
    case 'checking':
      return [
        graph(`Lag in step ${number}`, groups, (step.startedAt ?? phase.since) - leadMs, overAt(run), marks(step)),
      ]
    case 'passed':
    case 'failed':
    case 'undone':
      return step.effects.length
        ? [
            graph(
              `Lag in step ${number}`,
              groups,
              (step.startedAt ?? phase.at) - leadMs,
              phase.at,
              [...marks(step), { at: phase.at, label: phase.is }],
              phase.is === 'passed' && step.step.check.some(({ gate }) => gate === 'drained'),
            ),
          ]
        : []
    default:
      return []
  }
}

export function alertGraph(alert: Alert): readonly GraphBlock[] {
  if (!alert.group) return []
  return [
    graph(`Lag of ${alert.group}`.slice(0, 60), [alert.group], alert.raisedAt - beforeMs, alert.closed?.at ?? null, [
      { at: alert.raisedAt, label: 'alert' },
    ]),
  ]
}

/** In a step in which its run was closed. */
const overAt = ({ phase }: Run): number | null => (phase.is === 'closed' ? phase.at : null)

export const groupsOf = (run: Run): readonly string[] =>
  [...new Set(run.migration.apps.flatMap((app) => (app.group ? [app.group] : [])))].sort()

function graph(
  title: string,
  groups: readonly string[],
  from: number,
  until: number | null,
  marks: GraphRequest['marks'],
  drained = false,
): GraphBlock {
  const request = { kind: 'lag', title, groups, from, until, marks } as const
  return { type: 'graph', graph: drained ? { ...request, drained } : request }
}

function marks(step: StepRun): GraphRequest['marks'] {
  const done = effectsOf(step)
    .flatMap(({ status }) => (status.is === 'done' ? [status.at] : []))
    .sort((a, b) => a - b)
  const first = done[0]
  const last = done.at(-1)
  return [
    ...(first === undefined ? [] : [{ at: first, label: 'first change' }]),
    ...(last === undefined || done.length < 2 ? [] : [{ at: last, label: `change ${done.length}` }]),
    ...(step.phase.is === 'checking' ? [{ at: step.phase.since, label: 'check' }] : []),
  ]
}

function movesLag({ step, undoOf, effects }: StepRun): boolean {
  if (undoOf) return effects.some(({ effect }) => effect.action.startsWith('apps-'))
  return (
    step.do.some(({ action }) => action === 'apps-stop' || action === 'apps-start') ||
    step.check.some(({ gate }) => gate === 'drained' || gate === 'lag-falls')
  )
}
