import { aclsParity } from './acls-parity.js'
import { alertsBelow } from './alerts-below.js'
import { appDry } from './app-dry.js'
import { appsAsleep } from './apps-asleep.js'
import { appsGone } from './apps-gone.js'
import { appsHealthy } from './apps-healthy.js'
import { appsReady } from './apps-ready.js'
import { asked } from './asked.js'
import { audit } from './audit.js'
import { baseline } from './baseline.js'
import { breakGlass } from './break-glass.js'
import { capacity } from './capacity.js'
import { caughtUp } from './caught-up.js'
import { copied } from './copied.js'
import { copiedBack } from './copied-back.js'
import { copiesExternal } from './copies-external.js'
import { copyHolds } from './copy-holds.js'
import { damSample } from './dam-sample.js'
import { debtHarmless } from './debt-harmless.js'
import { drained } from './drained.js'
import { fenced } from './fenced.js'
import { followed } from './followed.js'
import type { Gate } from './gate.js'
import { groupsEmpty } from './groups-empty.js'
import { groupsKnown } from './groups-known.js'
import { lagFalls } from './lag-falls.js'
import { leftBehindHarmless } from './left-behind-harmless.js'
import { logsClean } from './logs-clean.js'
import { mirrorAlone } from './mirror-alone.js'
import { mirrorConfig } from './mirror-config.js'
import { mirrorEta } from './mirror-eta.js'
import { mirrorFinal } from './mirror-final.js'
import { mirrorRuns } from './mirror-runs.js'
import { monitored } from './monitored.js'
import { noResnapshot } from './no-resnapshot.js'
import { noWrites } from './no-writes.js'
import { nothingLeftBehind } from './nothing-left-behind.js'
import { offsetIdentity } from './offset-identity.js'
import { offsetsExpiry } from './offsets-expiry.js'
import { offsetsExternal } from './offsets-external.js'
import { offsetsStill } from './offsets-still.js'
import { oneSideWrites } from './one-side-writes.js'
import { onlyCopies } from './only-copies.js'
import { orphansHarmless } from './orphans-harmless.js'
import { orphansNamed } from './orphans-named.js'
import { positioned } from './positioned.js'
import { rateIn } from './rate-in.js'
import { rateOut } from './rate-out.js'
import { readFrom } from './read-from.js'
import { registry } from './registry.js'
import { replicasFull } from './replicas-full.js'
import { retentionRace } from './retention-race.js'
import { rights } from './rights.js'
import { sealed } from './sealed.js'
import { stoppedCleanly } from './stopped-cleanly.js'
import { tailsEqual } from './tails-equal.js'
import { targetAccepts } from './target-accepts.js'
import { targetSilent } from './target-silent.js'
import { topicsParity } from './topics-parity.js'
import { valveClosed } from './valve-closed.js'
import { valveConfig } from './valve-config.js'
import { valveOn } from './valve-on.js'
import { versions } from './versions.js'
import { waterline } from './waterline.js'

/** Every gate that a runbook may name. A new one is one file beside this and one line here. */
const all = [
  aclsParity,
  alertsBelow,
  appDry,
  appsAsleep,
  appsGone,
  appsHealthy,
  appsReady,
  asked,
  audit,
  logsClean,
  baseline,
  breakGlass,
  capacity,
  caughtUp,
  copied,
  copiedBack,
  copiesExternal,
  copyHolds,
  damSample,
  debtHarmless,
  drained,
  fenced,
  followed,
  groupsEmpty,
  groupsKnown,
  lagFalls,
  leftBehindHarmless,
  mirrorAlone,
  mirrorConfig,
  mirrorEta,
  mirrorFinal,
  mirrorRuns,
  monitored,
  noResnapshot,
  noWrites,
  nothingLeftBehind,
  offsetIdentity,
  offsetsExternal,
  offsetsExpiry,
  offsetsStill,
  oneSideWrites,
  onlyCopies,
  orphansHarmless,
  orphansNamed,
  positioned,
  rateIn,
  rateOut,
  readFrom,
  registry,
  replicasFull,
  retentionRace,
  rights,
  sealed,
  stoppedCleanly,
  tailsEqual,
  targetAccepts,
  targetSilent,
  topicsParity,
  valveClosed,
  valveConfig,
  valveOn,
  versions,
  waterline,
] as const

type DepsOf<G> = G extends Gate<infer Deps, infer _Args> ? Deps : never
type Both<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never

/** What all gates together may touch. */
export type GateDeps = Both<DepsOf<(typeof all)[number]>>

export const gates: ReadonlyMap<string, Gate<GateDeps>> = new Map(
  all.map((gate) => [gate.name, gate as Gate<GateDeps>]),
)
