import { ApiException } from '@kubernetes/client-node'

export type KubernetesErrorCode =
  | 'forbidden'
  | 'unauthorized'
  | 'not-found'
  | 'conflict'
  | 'timeout'
  | 'unreachable'
  | 'refused'
  | 'config'

/** What a call to a cluster failed with; the message names verb, resource and namespace, and what to do. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError'
  constructor(
    readonly code: KubernetesErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** What was tried: `patch deployments/scale checkout`. */
export interface Attempted {
  readonly verb: string
  readonly resource: string
  readonly name?: string
  readonly context: string
  readonly namespace: string
}

/** Every failure of the client as one of ours. Headers and tokens, which the client's own message holds, are left out. */
export function explain(error: unknown, attempted: Attempted): KubernetesError {
  if (error instanceof KubernetesError) return error
  const { verb, resource, name, context, namespace } = attempted
  const what = `${verb} ${resource}${name ? ` ${name}` : ''} in ${namespace} (context ${context})`
  if (error instanceof ApiException) return ofStatus(error.code, messageIn(error.body), what, attempted)
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  if (typeof status === 'number') return ofStatus(status, '', what, attempted)
  const {
    name: kind,
    message,
    cause,
  } = (error ?? {}) as { name?: string; message?: string; cause?: { message?: string } }
  if (kind === 'TimeoutError' || kind === 'AbortError')
    return new KubernetesError('timeout', `${what}: no answer in time. Is the API server overloaded or cut off?`)
  const why = cause?.message ?? message ?? String(error)
  return new KubernetesError(
    'unreachable',
    `${what}: ${why}. Check the server address of context ${context} and the network.`,
  )
}

function ofStatus(
  status: number,
  said: string,
  what: string,
  { verb, resource, context, namespace }: Attempted,
): KubernetesError {
  if (status === 401)
    return new KubernetesError(
      'unauthorized',
      `${what}: the cluster does not accept our credentials. Renew the token or certificate of context ${context}.`,
    )
  if (status === 403)
    return new KubernetesError(
      'forbidden',
      `${what}: not allowed. Grant verb "${verb}" on "${resource}" in namespace ${namespace} to the bot's account. ${said}`.trim(),
    )
  if (status === 404)
    return new KubernetesError(
      'not-found',
      `${what}: not found. Check the name in migration.yaml and the namespace. ${said}`.trim(),
    )
  if (status === 409) return new KubernetesError('conflict', `${what}: it changed since it was read. Read it again.`)
  return new KubernetesError('refused', `${what}: answered ${status}. ${said}`.trim())
}

/** The body of an error is a Status object as a JSON string; 401 has none. */
function messageIn(body: unknown): string {
  let status = body
  if (typeof body === 'string')
    try {
      status = JSON.parse(body)
    } catch {
      return body.slice(0, 200)
    }
  const message = (status as { message?: unknown } | null | undefined)?.message
  return typeof message === 'string' ? message.slice(0, 300) : ''
}
