import { appendFile } from 'node:fs/promises'
import { connectLedger, type Ledger } from '../ledger/index.js'
import { waitFor } from '../readiness.js'
import type { Part, Progress, Side } from '../types.js'
import { createWorkload, deploymentsApi } from './deployments.js'
import { apps } from './estate.js'
import { writeHistory } from './history.js'
import { type OutsideWorld, startOutsideWorld } from './outside.js'
import { shopProgram } from './program.js'
import { createTopics } from './topics.js'

export interface ShopPlan {
  readonly bootstrap: Record<Side, readonly string[]>
  readonly kubeconfig: string
  /** Of a user who may create Deployments. */
  readonly contexts: Record<Side, string>
  readonly namespaces: Record<Side, string>
  readonly ledgerUrl: string
  /** The file that the valve's connector reads. */
  readonly valveFile: string
  /** Orders per second over both checkouts, stock and the outside world, a quarter each. */
  readonly rate: number
}

export interface Shop extends Part {
  /** Resolves once half of the history went through the whole shop: so consumers have positions, and a mirror started now finds history. */
  readonly historyReady: Promise<void>
  readonly outside: OutsideWorld
}

const sides: readonly Side[] = ['source', 'target']
const historyOrders = 300
const historyWithinMs = 120_000

/** Topics equal on both sides, history, apps running on the source and asleep on the target, and the world outside the valve. */
export async function deployShop(plan: ShopPlan, progress: Progress): Promise<Shop> {
  const ledger = connectLedger(plan.ledgerUrl)
  await Promise.all(sides.map((side) => createTopics(plan.bootstrap[side])))
  await writeHistory(plan.bootstrap.source, ledger, historyOrders)
  progress(`the shop's topics are there, with ${historyOrders} orders of history`)
  const program = await shopProgram()
  await Promise.all(sides.map((side) => deployApps(plan, side, program)))
  await appendFile(plan.valveFile, '')
  const outside = startOutsideWorld(ledger, { file: plan.valveFile, rate: plan.rate / 4 })
  progress(`the shop's ${apps.length} apps are deployed on both sides, asleep on the target`)

  const historyReady = historyProcessed(ledger).then((count) => {
    progress(`the shop runs: ${count} orders processed`)
  })
  historyReady.catch(() => {}) // whoever awaits it sees it; a lab that is stopped before does not care
  return {
    historyReady,
    outside,
    stop: async () => {
      await outside.stop()
      await ledger.close()
    },
  }
}

async function deployApps(plan: ShopPlan, side: Side, program: string): Promise<void> {
  const api = deploymentsApi(plan.kubeconfig, plan.contexts[side])
  for (const app of apps)
    await createWorkload(api, {
      app,
      side,
      namespace: plan.namespaces[side],
      replicas: side === 'source' ? app.replicas : 0,
      bootstrap: plan.bootstrap[side],
      ledgerUrl: plan.ledgerUrl,
      rate: plan.rate / 4,
      program,
    })
}

async function historyProcessed(ledger: Ledger): Promise<number> {
  const enough = async () => {
    const count = await ledger.countProcessings()
    return count >= historyOrders ? count : undefined
  }
  const count = await waitFor(enough, historyWithinMs, 250)
  if (count === undefined)
    throw new Error(`The shop had not processed its history after ${historyWithinMs / 1000} s: look at its pods' logs.`)
  return count
}
