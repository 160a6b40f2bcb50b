import { isShape } from '../blocks/check.js'
import { refuse } from '../refusal.js'
import type { Shape } from '../types.js'

export function text(args: Shape, name: string): string {
  const value = args[name]
  return value === undefined || value === null ? '' : String(value)
}

export function required(args: Shape, name: string): string {
  const value = text(args, name)
  if (value !== '') return value
  const messages = [`[ERROR] missing required field: ${name}`]
  return refuse('invalid_arguments', { response_metadata: { messages } })
}

export function flag(args: Shape, name: string): boolean {
  return ['true', '1'].includes(text(args, name))
}

/** Structures arrive as JSON inside a form, and as themselves inside a JSON body. */
export function structure(args: Shape, name: string, otherwise: string): unknown {
  const value = args[name]
  if (typeof value !== 'string') return value
  if (value === '') return undefined
  try {
    return JSON.parse(value)
  } catch {
    return refuse(otherwise)
  }
}

export function shapes(args: Shape, name: string, otherwise: string): readonly Shape[] | undefined {
  const value = structure(args, name, otherwise)
  if (value === undefined) return undefined
  return Array.isArray(value) ? value.filter(isShape) : refuse(otherwise)
}
