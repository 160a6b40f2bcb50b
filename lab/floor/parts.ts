import { connectLedger, type Ledger } from '../ledger/index.js'
import type { LabDescription, Side } from '../types.js'
import { type Connectors, createConnectors } from './connectors.js'
import { connectWire, type Wire } from './wire.js'
import type { Workloads } from './workloads.js'

/** Everything that the bare script holds in its hands. */
export interface Parts {
  readonly wire: Readonly<Record<Side, Wire>>
  readonly connect: Readonly<Record<Side, Connectors>>
  readonly workloads: Workloads
  readonly ledger: Ledger
  readonly mirror: LabDescription['mirror']
  readonly valve: LabDescription['valve']
}

export type FloorLab = Pick<LabDescription, 'kafka' | 'connect' | 'mirror' | 'valve' | 'ledger'>

/** Connects to a running lab, hands its parts to `use`, and lets go of them. */
export async function withParts<T>(lab: FloorLab, workloads: Workloads, use: (parts: Parts) => Promise<T>): Promise<T> {
  const [source, target] = await Promise.all([
    connectWire(lab.kafka.source.bootstrap),
    connectWire(lab.kafka.target.bootstrap),
  ])
  const ledger = connectLedger(lab.ledger.url)
  try {
    return await use({
      wire: { source, target },
      connect: { source: createConnectors(lab.connect.source), target: createConnectors(lab.connect.target) },
      workloads,
      ledger,
      mirror: lab.mirror,
      valve: lab.valve,
    })
  } finally {
    await Promise.all([source.close(), target.close(), ledger.close()])
  }
}
