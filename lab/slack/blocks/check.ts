import type { Shape } from '../types.js'

/** Where problems go, and what a check may ask about the world outside the block. */
export interface Scene {
  readonly surface: 'message' | 'modal' | 'home'
  readonly fileReady: (id: string) => boolean
  readonly reachable: (url: string) => boolean
  report(problem: string, at: string): void
}

/** Looks at one value; `at` is its JSON pointer. Says nothing about what is in order. */
export type Check = (value: unknown, at: string, scene: Scene) => void

export function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const anything: Check = () => {}

export const flag: Check = (value, at, { report }) => {
  if (typeof value !== 'boolean') report('must be a boolean', at)
}

export const number: Check = (value, at, { report }) => {
  if (typeof value !== 'number' && !(typeof value === 'string' && value !== '' && Number.isFinite(Number(value)))) {
    report('must be a number', at)
  }
}

/** Slack counts a limit of 3000 as "must be less than 3001 characters". */
export const string =
  (max: number, min = 0): Check =>
  (value, at, { report }) => {
    if (typeof value !== 'string') return report('must be a string', at)
    if (value.length > max) report(`must be less than ${max + 1} characters`, at)
    if (value.length < min) report(`must be more than ${min - 1} characters`, at)
  }

export const among =
  (...allowed: readonly unknown[]): Check =>
  (value, at, { report }) => {
    if (!allowed.includes(value)) report(`value must be one of: ${allowed.join(', ')}`, at)
  }

export const list =
  (each: Check, max: number, min = 1): Check =>
  (value, at, scene) => {
    if (!Array.isArray(value)) return scene.report('must be an array', at)
    if (value.length > max) scene.report(`no more than ${max} items allowed`, at)
    if (value.length < min) scene.report(`must provide at least ${min} items`, at)
    for (const [index, item] of value.entries()) each(item, `${at}/${index}`, scene)
  }

/** An object with these fields and no others; a name that ends in `?` may be left out. */
export const object = (fields: Readonly<Record<string, Check>>): Check => {
  const known = new Map(Object.entries(fields).map(([name, check]) => [name.replace('?', ''), check]))
  const required = Object.keys(fields).filter((name) => !name.endsWith('?'))
  return (value, at, scene) => {
    if (!isShape(value)) return scene.report('must be an object', at)
    for (const name of required) if (value[name] === undefined) scene.report(`missing required field: ${name}`, at)
    for (const [name, field] of Object.entries(value)) {
      const check = known.get(name)
      if (check === undefined) scene.report(`invalid additional property: ${name}`, at)
      else if (field !== undefined) check(field, `${at}/${name}`, scene)
    }
  }
}

/** An object whose `type` says which check it has to pass. */
export const typed =
  (kinds: () => Readonly<Record<string, Check>>): Check =>
  (value, at, scene) => {
    if (!isShape(value)) return scene.report('must be an object', at)
    if (value.type === undefined) return scene.report('missing required field: type', at)
    const check = kinds()[String(value.type)]
    if (check === undefined) return scene.report(`unsupported type: ${String(value.type)}`, `${at}/type`)
    check(value, at, scene)
  }

export const all =
  (...checks: readonly Check[]): Check =>
  (value, at, scene) => {
    for (const check of checks) check(value, at, scene)
  }
