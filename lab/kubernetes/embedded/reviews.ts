import { timeText } from '../time.js'
import type { Asked, Caller } from './authorize.js'
import type { ResourceRoute } from './route.js'

interface AccessReview {
  readonly metadata?: object
  readonly spec?: {
    readonly resourceAttributes?: {
      readonly verb?: string
      readonly group?: string
      readonly resource?: string
      readonly subresource?: string
      readonly namespace?: string
      readonly name?: string
    }
    readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string }
  }
}

/** Answers "who am I" and "may I": objects that are created and never stored. */
export function review(
  caller: Caller,
  { group, resource }: ResourceRoute,
  body: unknown,
  may: (asked: Asked) => boolean,
  now: Date,
): unknown {
  if (group === 'authentication.k8s.io' && resource === 'selfsubjectreviews') {
    const userInfo = { username: caller.name, uid: caller.name, groups: [...caller.groups, 'system:authenticated'] }
    const metadata = { creationTimestamp: timeText(now) }
    return { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata, status: { userInfo } }
  }
  if (group === 'authorization.k8s.io' && resource === 'selfsubjectaccessreviews') {
    const { spec } = body as AccessReview
    const {
      verb = '',
      group: of = '',
      resource: what = '',
      subresource,
      namespace,
      name,
    } = spec?.resourceAttributes ?? {}
    const allowed = may({ verb, group: of, resource: what, subresource, namespace: namespace || undefined, name })
    return {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed },
    }
  }
  return undefined
}
