import { AppsV1Api, KubeConfig, type V1Deployment } from '@kubernetes/client-node'
import type { Side } from '../types.js'
import type { ShopApp } from './estate.js'

/** A pod finishes what is in hand within two seconds; the rest is for a busy machine. */
const graceSeconds = 15

export interface Workload {
  readonly app: ShopApp
  readonly side: Side
  readonly namespace: string
  readonly replicas: number
  readonly bootstrap: readonly string[]
  readonly ledgerUrl: string
  readonly rate: number
  /** The shop's program, which takes the app's name. */
  readonly program: string
}

export function deploymentsApi(kubeconfig: string, context: string): AppsV1Api {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  config.setCurrentContext(context)
  return config.makeApiClient(AppsV1Api)
}

export async function createWorkload(api: AppsV1Api, workload: Workload): Promise<void> {
  await api.createNamespacedDeployment({ namespace: workload.namespace, body: deploymentOf(workload) })
}

function deploymentOf({ app, side, namespace, replicas, bootstrap, ledgerUrl, rate, program }: Workload): V1Deployment {
  const labels = { app: app.name, tier: app.tier }
  const settings = {
    SIDE: side,
    BOOTSTRAP: bootstrap.join(','),
    LEDGER_URL: ledgerUrl,
    RATE: String(rate),
    NODE_OPTIONS: '--max-old-space-size=96',
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app.name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: { app: app.name } },
      strategy: { type: 'Recreate' }, // two routers at once would fence each other
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: graceSeconds,
          containers: [
            {
              name: app.name,
              image: 'floodgate-lab/shop',
              command: [process.execPath, program, app.name],
              env: Object.entries(settings).map(([name, value]) => ({ name, value })),
            },
          ],
        },
      },
    },
  }
}
