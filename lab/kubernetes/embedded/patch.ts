import { badRequest, Refusal, unsupported } from './refusal.js'

/** Applies a PATCH body to what it names; the media type says how it is meant. */
export function applyPatch<T extends object>(object: T, body: unknown, mediaType: string): T {
  switch (mediaType) {
    case 'application/merge-patch+json':
      return merge(object, body, false) as T
    case 'application/strategic-merge-patch+json':
      return merge(object, body, true) as T
    case 'application/json-patch+json':
      return jsonPatch(object, body) as T
    default:
      throw unsupported()
  }
}

type Json = Record<string, unknown>

function merge(target: unknown, patch: unknown, isStrategic: boolean): unknown {
  if (isStrategic && Array.isArray(patch) && Array.isArray(target)) return mergeLists(target, patch)
  if (!isObject(patch)) return patch
  const result: Json = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merge(result[key], value, isStrategic)
  }
  return result
}

/** Kubernetes' lists of named things (containers, env, conditions) are merged item by item; all others are replaced. */
function mergeLists(target: unknown[], patch: unknown[]): unknown[] {
  const key = ['name', 'type', 'uid'].find((candidate) => patch.every((item) => isObject(item) && candidate in item))
  if (!key) return patch
  const result = [...target]
  for (const item of patch as Json[]) {
    const at = result.findIndex((existing) => isObject(existing) && existing[key] === item[key])
    if (item.$patch === 'delete') at >= 0 && result.splice(at, 1)
    else if (at < 0) result.push(item)
    else result[at] = merge(result[at], item, true)
  }
  return result
}

function jsonPatch(object: object, body: unknown): unknown {
  if (!Array.isArray(body)) throw badRequest('a JSON patch is a list of operations')
  const result = structuredClone(object) as Json
  for (const { op, path, value } of body as { op: string; path: string; value?: unknown }[]) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop() ?? ''
    let at: unknown = result
    for (const key of keys) at = (at as Json | undefined)?.[key]
    if (!isObject(at) && !Array.isArray(at)) throw unapplicable(path)
    apply(at, op, last, value, path)
  }
  return result
}

function apply(at: Json | unknown[], op: string, key: string, value: unknown, path: string): void {
  const isThere = Array.isArray(at) ? Number(key) < at.length : key in at
  if (op === 'test') {
    if (JSON.stringify((at as Json)[key]) !== JSON.stringify(value)) throw unapplicable(path)
  } else if (op === 'add') {
    if (Array.isArray(at)) at.splice(key === '-' ? at.length : Number(key), 0, value)
    else at[key] = value
  } else if (op === 'replace' && isThere) {
    ;(at as Json)[key] = value
  } else if (op === 'remove' && isThere) {
    if (Array.isArray(at)) at.splice(Number(key), 1)
    else delete at[key]
  } else {
    throw unapplicable(path)
  }
}

function unapplicable(path: string): Refusal {
  return new Refusal(
    422,
    'Invalid',
    `the server rejected our request due to an error in our request: ${path} cannot be patched so`,
  )
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
