import { aclsCreate } from './acls-create.js'
import type { Action } from './action.js'
import { adopt } from './adopt.js'
import { appsStart } from './apps-start.js'
import { appsStop } from './apps-stop.js'
import { checkpointsStop } from './checkpoints-stop.js'
import { copyBack } from './copy-back.js'
import { groupsFollow } from './groups-follow.js'
import { groupsPosition } from './groups-position.js'
import { loadRun } from './load-run.js'
import { mirrorStart } from './mirror-start.js'
import { mirrorStop } from './mirror-stop.js'
import { topicsAlign } from './topics-align.js'
import { topicsCreate } from './topics-create.js'
import { valveClose } from './valve-close.js'
import { valveOpen } from './valve-open.js'
import { writesFence } from './writes-fence.js'
import { writesOpen } from './writes-open.js'

/** Every action that a runbook may name. A new one is one file beside this and one line here. */
const all = [
  aclsCreate,
  adopt,
  appsStart,
  appsStop,
  checkpointsStop,
  copyBack,
  groupsFollow,
  groupsPosition,
  loadRun,
  mirrorStart,
  mirrorStop,
  topicsAlign,
  topicsCreate,
  valveClose,
  valveOpen,
  writesFence,
  writesOpen,
] as const

type DepsOf<A> = A extends Action<infer Deps, infer _Args> ? Deps : never
type Both<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never

/** What all actions together may touch. */
export type ActionDeps = Both<DepsOf<(typeof all)[number]>>

export const actions: ReadonlyMap<string, Action<ActionDeps>> = new Map(
  all.map((action) => [action.name, action as Action<ActionDeps>]),
)
