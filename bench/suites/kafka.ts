import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureAudit } from '../kafka/audit.js'
import { measureAuditReplicas } from '../kafka/audit-replicas.js'
import { measureDrain } from '../kafka/drain.js'
import { benchCluster, fill } from '../kafka/estate.js'
import { measureLag } from '../kafka/lag.js'
import { measureMemory } from '../kafka/memory.js'
import type { Size } from '../kafka/size.js'
import { measureTails } from '../kafka/tails.js'
import type { Measured } from '../row.js'
import type { Bench, Suite } from './index.js'

const large: Size = { topics: 1000, partitions: 10, groups: 200 }
const small: Size = { topics: 10, partitions: 10, groups: 2 }
const huge: Size = { topics: 10_000, partitions: 10, groups: 2000 }
const written = 2

/** What the proofs cost, on real clusters of one broker, beside the programs that they replace; each peer has to find the same. */
export const kafka: Suite = {
  measures: 'lag snapshots, tail comparison, audit, drain and memory, beside the programs that they replace',
  async run(bench) {
    const folder = await mkdtemp(join(tmpdir(), 'floodgate-bench-'))
    try {
      return [...(await onTwoSmall(folder, bench)), ...(await onOneLarge(folder, bench))]
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
      await fill(target, small, written, bench.progress)
      const audit = await measureAudit(source, target, bench)
      const replicas = await measureAuditReplicas(source, target, bench)
      return [...tails, ...audit, ...replicas, ...(await measureDrain(target, small, BigInt(written), 500, bench))]
    } finally {
      await target.stop()
    }
  } finally {
    await source.stop()
  }
}

async function onOneLarge(folder: string, bench: Bench): Promise<Measured[]> {
  const cluster = await benchCluster(join(folder, 'large'), 'source', '3.9', bench.progress)
  try {
    await fill(cluster, large, written, bench.progress)
    return [
      ...(await measureLag(cluster, large, bench)),
      ...(await measureMemory(large, cluster.bootstrap[0]!, bench)),
      ...(await measureMemory(huge, 'simulated', bench)),
      ...(await measureDrain(cluster, large, BigInt(written), 2000, bench)),
    ]
  } finally {
    await cluster.stop()
  }
}
