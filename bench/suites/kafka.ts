import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureAudit } from '../kafka/audit.js'
import { measureAuditReplicas } from '../kafka/audit-replicas.js'
import { measureDrain } from '../kafka/drain.js'
import { type BenchCluster, benchCluster, fill } from '../kafka/estate.js'
import { measureGates } from '../kafka/gates.js'
import { measureLag } from '../kafka/lag.js'
import { measureMemory } from '../kafka/memory.js'
import type { Size } from '../kafka/size.js'
import { measureTails } from '../kafka/tails.js'
import type { Measured } from '../row.js'
import type { Bench, Suite } from './index.js'

const large: Size = { topics: 1000, partitions: 10, groups: 200 }
const small: Size = { topics: 10, partitions: 10, groups: 2 }
const huge: Size = { topics: 10_000, partitions: 10, groups: 2000 }
/** Records in every partition. */
const few = 2
const many = 400

/** Who logs in without a name may do everything, and everybody else what an ACL says. */
const authorizer = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
}

/** What the proofs cost, on real clusters of one broker, beside the programs that they replace; each peer has to find the same. */
export const kafka: Suite = {
  measures:
    'lag snapshots, tail comparison, audit, drain and memory beside the programs that they replace; every gate at 10,000 partitions',
  parts: ['small', 'large', 'gates'],
  async run(bench) {
    const folder = await mkdtemp(join(tmpdir(), 'floodgate-bench-'))
    const isAsked = (...parts: string[]) => bench.part === undefined || parts.includes(bench.part)
    try {
      return [
        ...(isAsked('small') ? await onTwoSmall(folder, bench) : []),
        ...(isAsked('large', 'gates') ? await onLarge(folder, isAsked, bench) : []),
      ]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function onTwoSmall(folder: string, bench: Bench): Promise<Measured[]> {
  const source = await benchCluster(folder, 'source', '3.9', bench.progress)
  try {
    const target = await benchCluster(folder, 'target', '4', bench.progress)
    try {
      const tails = await measureTails(source, target, bench)
      await fill(target, small, few, bench.progress)
      const audit = await measureAudit(source, target, bench)
      const replicas = await measureAuditReplicas(source, target, bench)
      return [...tails, ...audit, ...replicas, ...(await measureDrain(target, small, BigInt(few), 500, bench))]
    } finally {
      await target.stop()
    }
  } finally {
    await source.stop()
  }
}

/** The gates last: they need all that the other measurements have put there, and change it. */
async function onLarge(folder: string, isAsked: (part: string) => boolean, bench: Bench): Promise<Measured[]> {
  const cluster = await benchCluster(join(folder, 'large'), 'source', '3.9', bench.progress, authorizer)
  try {
    await fill(cluster, large, many, bench.progress)
    return [
      ...(isAsked('large') ? await onOneLarge(cluster, bench) : []),
      ...(isAsked('gates') ? await onLargePair(join(folder, 'large'), cluster, bench) : []),
    ]
  } finally {
    await cluster.stop()
  }
}

const onOneLarge = async (cluster: BenchCluster, bench: Bench): Promise<Measured[]> => [
  ...(await measureLag(cluster, large, bench)),
  ...(await measureMemory(large, cluster.bootstrap[0]!, bench)),
  ...(await measureMemory(huge, 'simulated', bench)),
  ...(await measureDrain(cluster, large, BigInt(many), 2000, bench)),
]

async function onLargePair(folder: string, source: BenchCluster, bench: Bench): Promise<Measured[]> {
  const target = await benchCluster(folder, 'target', '4', bench.progress, authorizer)
  try {
    return await measureGates(folder, source, target, large, many, bench)
  } finally {
    await target.stop()
  }
}
