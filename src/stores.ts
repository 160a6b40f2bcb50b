import type { Environment } from './config/load.js'
import type { Migration } from './config/migration.js'
import {
  connectRedis,
  createEvidenceStore,
  createLogStore,
  createSampleStore,
  createScratch,
  createSwapHash,
  keys,
  unsafeSettings,
} from './connect/redis/index.js'
import type { Memory } from './jobs/look.js'
import { pointCodec } from './monitor/codec.js'
import type { Entry } from './run/events.js'
import type { Kpis, LagNow, Live } from './run/live.js'
import type { State } from './run/state.js'
import type { Json } from './runbook/json.js'
import type { FactName } from './runbook/language.js'

/** A ring of samples holds so many; at one every five seconds that is half an hour. */
const samplesKept = 360
const scratchKeptSeconds = 7 * 86_400

export type Stores = ReturnType<typeof openStores>

/** Everything that one migration keeps in Redis. */
export function openStores({ REDIS_URL }: Environment, { migration }: Migration, onError: (error: Error) => void) {
  const key = keys(migration)
  const redis = connectRedis(REDIS_URL, onError)
  const evidence = createEvidenceStore(redis, key.evidence)
  return {
    redis,
    prefix: key.prefix,
    log: createLogStore<Entry>(redis, key.log),
    unsafeForRealRuns: async () => (await unsafeSettings(redis)).forRealRuns,
    evidence,
    /** The newest fact of that name, whole. */
    fact: async (state: State, name: FactName): Promise<Json | undefined> => {
      const ref = state.facts[name]
      const content = ref && (await evidence.get(ref.digest))
      return content ? (JSON.parse(content) as Json) : undefined
    },
    live: createScratch<Live>(redis, key.live, scratchKeptSeconds),
    lag: createScratch<LagNow>(redis, key.live, scratchKeptSeconds),
    kpis: createScratch<Kpis>(redis, key.live, scratchKeptSeconds),
    memory: createScratch<Memory>(redis, key.memory, scratchKeptSeconds),
    samples: createSampleStore(redis, key.samples, pointCodec, samplesKept),
    shown: createSwapHash(redis, key.shown),
    /** For those who wait for work on a connection of their own. */
    blocking: () => connectRedis(REDIS_URL, onError, { blocking: true }),
    close: () => redis.disconnect(),
  }
}
