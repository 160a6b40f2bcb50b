import type { Request } from 'express'
import type { Shape } from '../types.js'

/** The arguments of a call, in whichever of Slack's encodings they came: JSON, a form, multipart, or the query. */
export async function argumentsOf(request: Request): Promise<Shape> {
  const raw: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const type = request.headers['content-type'] ?? ''
  const query = request.query as Shape
  if (type.includes('json')) return { ...query, ...(JSON.parse(raw.toString() || '{}') as Shape) }
  if (type.includes('multipart/form-data')) {
    const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } }).formData()
    return { ...query, ...Object.fromEntries([...form.entries()].filter(([, value]) => typeof value === 'string')) }
  }
  return { ...query, ...Object.fromEntries(new URLSearchParams(raw.toString())) }
}

/** The bytes of an upload: the body itself, or the one file inside a form. */
export async function bytesOf(request: Request): Promise<Buffer> {
  const raw: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const type = request.headers['content-type'] ?? ''
  if (!type.includes('multipart/form-data')) return raw
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } }).formData()
  for (const value of form.values()) if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer())
  return Buffer.alloc(0)
}
