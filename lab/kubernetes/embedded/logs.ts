import type { ServerResponse } from 'node:http'
import { request } from 'node:https'
import type { Credentials } from '../credentials.js'
import type { KubernetesObject, Pod } from '../objects.js'
import { badRequest, Refusal } from './refusal.js'
import { resourceOf } from './resources.js'
import type { Store } from './store.js'

interface Node extends KubernetesObject {
  status?: { addresses?: { type: string; address: string }[]; daemonEndpoints?: { kubeletEndpoint?: { Port: number } } }
}

/** Fetches a container's log from the kubelet of the pod's node and passes it on, as the real API server does. */
export function proxyLogs(
  store: Store,
  credentials: Credentials,
  pod: Pod,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const { name, namespace } = pod.metadata
  const container = containerOf(pod, query.get('container'))
  const node = store.get(resourceOf('Node'), undefined, pod.spec.nodeName ?? '') as Node | undefined
  const port = node?.status?.daemonEndpoints?.kubeletEndpoint?.Port
  if (!port) throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ContainerCreating`)
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '127.0.0.1'
  const url = new URL(`https://${address}:${port}/containerLogs/${namespace}/${name}/${container}?${query}`)
  const { ca, certificate: cert, key } = credentials
  return new Promise((resolve, reject) => {
    const upstream = request(url, { ca, cert, key, agent: false }, (answer) => {
      if (answer.statusCode === 200) {
        response.writeHead(200, { 'content-type': 'text/plain' })
        answer.pipe(response)
        answer.once('end', resolve)
      } else {
        answer.setEncoding('utf8')
        let text = ''
        answer.on('data', (chunk: string) => {
          text += chunk
        })
        answer.once('end', () =>
          reject(new Refusal(answer.statusCode ?? 500, answer.statusCode === 400 ? 'BadRequest' : 'NotFound', text)),
        )
      }
    })
    upstream.once('error', (error) =>
      reject(new Refusal(500, 'InternalError', `Get "${url.origin}${url.pathname}": ${error.message}`)),
    )
    response.once('close', () => upstream.destroy())
    upstream.end()
  })
}

function containerOf({ metadata, spec }: Pod, asked: string | null): string {
  const names = spec.containers.map(({ name }) => name)
  if (asked === null && names.length === 1) return names[0]!
  if (asked === null)
    throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`)
  if (!names.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`)
  return asked
}
