import type { ResourceType } from './resources.js'

/** What the API server refuses, as the Status object that Kubernetes would answer. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details?: { name?: string; group?: string; kind?: string; causes?: Cause[] },
  ) {
    super(message)
  }

  get status() {
    const { code, reason, message, details } = this
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details && { details }),
      code,
    }
  }
}

interface Cause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

/** `deployments.apps`, or `pods` in the core group: how Kubernetes names a resource in its messages. */
export function qualified({ plural, group }: Pick<ResourceType, 'plural' | 'group'>): string {
  return group ? `${plural}.${group}` : plural
}

export const notFound = (of: ResourceType, name: string) =>
  new Refusal(404, 'NotFound', `${qualified(of)} "${name}" not found`, detailsOf(of, name))

export const alreadyExists = (of: ResourceType, name: string) =>
  new Refusal(409, 'AlreadyExists', `${qualified(of)} "${name}" already exists`, detailsOf(of, name))

export const conflict = (
  of: ResourceType,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
) =>
  new Refusal(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`,
    detailsOf(of, name),
  )

export const badRequest = (message: string) => new Refusal(400, 'BadRequest', message)

export const methodNotAllowed = () =>
  new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')

export const unknownPath = () => new Refusal(404, 'NotFound', 'the server could not find the requested resource')

export const unsupported = () =>
  new Refusal(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json, application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json',
  )

export const unauthorized = () => new Refusal(401, 'Unauthorized', 'Unauthorized')

export const expired = (asked: number, oldest: number) =>
  new Refusal(410, 'Expired', `too old resource version: ${asked} (${oldest})`)

export function invalid(
  of: ResourceType,
  name: string,
  faults: readonly { field: string; message: string }[],
): Refusal {
  const causes = faults.map(({ field, message }) => ({ reason: 'FieldValueInvalid', message, field }))
  const text = faults.map(({ field, message }) => `${field}: ${message}`)
  const all = text.length === 1 ? text[0] : `[${text.join(', ')}]`
  return new Refusal(422, 'Invalid', `${of.kind}${of.group && `.${of.group}`} "${name}" is invalid: ${all}`, {
    name,
    group: of.group,
    kind: of.kind,
    causes,
  })
}

function detailsOf(of: ResourceType, name: string) {
  return { name, ...(of.group && { group: of.group }), kind: of.plural }
}
