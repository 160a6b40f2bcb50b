import { z } from 'zod'
import type { Side } from '../config/migration.js'
import type { Json } from '../runbook/json.js'
import type { Effect } from '../runbook/language.js'
import type { PerformContext, Performed } from './action.js'

/** What scaling may touch, per side: `workload` is `Deployment/NAME` or `StatefulSet/NAME`. */
export interface Scaling {
  readonly workloads: Readonly<
    Record<
      Side,
      {
        replicas(workloads: readonly string[]): Promise<ReadonlyMap<string, number>>
        scale(workload: string): Promise<{ readonly replicas: number; readonly resourceVersion: string }>
        /** Refuses with the code `conflict` when the workload has changed since that version was read. */
        setScale(workload: string, replicas: number, resourceVersion: string): Promise<void>
      }
    >
  >
}

/** Replicas by app name, remembered when an app is stopped, whatever the side: the fact `counts`. */
type Counts = Readonly<Record<string, number>>

export function readCounts(fact: Json | undefined): Counts {
  return fact === undefined ? {} : countsSchema.parse(fact)
}

/** The change of one app's replicas; undo is the same effect with before and after swapped. */
export function scaleEffect(
  action: string,
  side: Side,
  app: { name: string; workload: string },
  from: number,
  to: number,
) {
  return {
    id: `${action} ${side}/${app.name}`,
    action,
    target: `${side}/${app.workload}`,
    before: { replicas: from },
    after: { replicas: to },
    on: { side, app: app.name, workload: app.workload },
    text: `scale ${app.name} from ${from} to ${to}`,
  } satisfies Effect
}

/**
 * The version is read first, then the claim, and the count is written on that version: a worker that wakes late finds either that
 * the effect is no longer its own or that the workload has changed, and cannot undo what its successor did.
 */
export async function performScale(
  { workloads }: Scaling,
  effect: Effect,
  { stillMine }: Pick<PerformContext, 'stillMine'>,
): Promise<Performed> {
  const { side, app, workload } = onSchema.parse(effect.on)
  const { replicas } = replicasSchema.parse(effect.after)
  for (let attempt = 1; ; attempt++) {
    const found = await workloads[side].scale(workload)
    if (found.replicas === replicas) return { text: `${app} was already at ${replicas}` }
    await stillMine()
    try {
      await workloads[side].setScale(workload, replicas, found.resourceVersion)
      return { text: `scaled ${app} from ${found.replicas} to ${replicas}` }
    } catch (error) {
      // A status update by a controller moves the version too, so a conflict is common and reading again settles it.
      if (attempt === attempts || !isConflict(error)) throw error
    }
  }
}

const attempts = 3
const countsSchema = z.record(z.string(), z.int().min(0))
const replicasSchema = z.object({ replicas: z.int().min(0) })
const onSchema = z.object({ side: z.enum(['source', 'target']), app: z.string(), workload: z.string() })

function isConflict(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'conflict'
}
