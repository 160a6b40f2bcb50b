import { type Api, ApiError } from '../api.js'
import { timeText } from '../time.js'

export const nodeName = 'lab'

/** Makes the one node of the lab known: ready, with room for all, and with the port on which its kubelet serves logs. */
export async function registerNode(api: Api, logPort: number, now: Date): Promise<void> {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nodeName, labels: { 'kubernetes.io/hostname': nodeName } },
  }
  await api.post('/api/v1/nodes', node).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error
  })
  const at = timeText(now)
  const room = { cpu: '64', memory: '64Gi', pods: '1000' }
  await api.patch(`/api/v1/nodes/${nodeName}/status`, {
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'the lab runs',
          lastHeartbeatTime: at,
          lastTransitionTime: at,
        },
      ],
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: logPort } },
      capacity: room,
      allocatable: room,
    },
  })
}
