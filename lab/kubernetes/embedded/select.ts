import type { KubernetesObject } from '../objects.js'
import { badRequest } from './refusal.js'

type Test = (object: KubernetesObject) => boolean

/** Reads `labelSelector` and `fieldSelector` of a request into one test. */
export function selection(query: URLSearchParams): Test {
  const tests = [...labelTests(query.get('labelSelector') ?? ''), ...fieldTests(query.get('fieldSelector') ?? '')]
  return (object) => tests.every((test) => test(object))
}

export function matchesLabels(
  object: { metadata: { labels?: Record<string, string> } },
  wanted: Record<string, string>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => object.metadata.labels?.[key] === value)
}

function labelTests(selector: string): Test[] {
  // Commas inside of parentheses belong to a set: `tier in (dam, upstream),app=orders`.
  return selector
    .split(/,(?![^(]*\))/)
    .map((text) => text.trim())
    .filter(Boolean)
    .map(labelTest)
}

function labelTest(text: string): Test {
  const label = (object: KubernetesObject, key: string) => object.metadata.labels?.[key]
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text)
  if (set) {
    const [key, isIn] = [set[1]!, set[2] === 'in']
    const values = set[3]!.split(',').map((value) => value.trim())
    return (object) => values.includes(label(object, key) ?? '\0') === isIn
  }
  const equality = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(text)
  if (equality) {
    const [key, isEqual, value] = [equality[1]!, equality[2] !== '!=', equality[3]!]
    return (object) => (label(object, key) === value) === isEqual
  }
  const existence = /^(!?)\s*([\w./-]+)$/.exec(text)
  if (!existence) throw badRequest(`unable to parse requirement: ${text}`)
  return (object) => (label(object, existence[2]!) !== undefined) === (existence[1] === '')
}

function fieldTests(selector: string): Test[] {
  return selector
    .split(',')
    .filter(Boolean)
    .map((text) => {
      const parsed = /^([\w.]+)\s*(==|=|!=)\s*(.*)$/.exec(text.trim())
      if (!parsed) throw badRequest(`invalid field selector: ${text}`)
      const [path, isEqual, value] = [parsed[1]!, parsed[2] !== '!=', parsed[3]!]
      return (object) => (fieldOf(object, path) === value) === isEqual
    })
}

function fieldOf(object: KubernetesObject, path: string): string {
  let at: unknown = object
  for (const key of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[key]
  return at === undefined ? '' : String(at)
}
