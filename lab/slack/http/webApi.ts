import type { Request, Response } from 'express'
import { isShape } from '../blocks/check.js'
import type { Sockets } from '../delivery/sockets.js'
import type { Fault } from '../faults.js'
import { text } from '../methods/args.js'
import { methods, retired } from '../methods/index.js'
import { Refusal, refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Shape } from '../types.js'
import { argumentsOf } from './body.js'

export interface Tokens {
  readonly bot: string
  readonly app: string
}

/** `POST /api/METHOD`: faults first, then token, scope and limits, then the method itself. */
export function createWebApi(slack: Slack, sockets: Sockets, tokens: Tokens) {
  const call = (method: string, args: Shape, token: string): Shape => {
    if (retired.has(method)) refuse('method_deprecated')
    if (method === 'apps.connections.open') {
      if (token !== tokens.app)
        refuse(token === '' ? 'not_authed' : token === tokens.bot ? 'not_allowed_token_type' : 'invalid_auth')
      return { url: sockets.ticket() }
    }
    const perform = methods[method] ?? refuse('unknown_method', { req_method: method })
    if (token !== tokens.bot)
      refuse(token === '' ? 'not_authed' : token === tokens.app ? 'not_allowed_token_type' : 'invalid_auth')
    slack.scopes.require(method)
    return perform(slack, args)
  }
  return async (request: Request, response: Response): Promise<void> => {
    const method = String(request.params.method)
    slack.tally.called(method)
    const fault = slack.faults.meet(method)
    if (fault !== undefined && (await suffer(fault, response))) return
    const args = await argumentsOf(request)
    const wait = slack.rates.exceeded(method, text(args, 'channel'))
    if (wait !== undefined) return tooMany(response, wait)
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? text(args, 'token')
    let answer: Shape
    try {
      answer = { ok: true, ...call(method, args, token) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      answer = { ok: false, error: error.error, ...error.detail }
      slack.tally.refused(method, error.error, messagesIn(error.detail))
    }
    if (fault?.answer === 'lost') return void response.socket?.destroy()
    response.set('x-oauth-scopes', slack.scopes.granted().join(',')).json(answer)
  }
}

/** True when the fault was the answer. */
async function suffer({ answer, delayMs, retryAfter }: Fault, response: Response): Promise<boolean> {
  if (answer === 'silence') return true
  if (answer === 'lost') return false
  if (answer === 'delay') {
    await new Promise((done) => setTimeout(done, delayMs ?? 1000))
    return false
  }
  if (answer === 429) tooMany(response, retryAfter ?? 1)
  else if (typeof answer === 'number') response.status(answer).send('Internal Server Error')
  else response.json({ ok: false, error: answer.replace('error:', '') })
  return true
}

function tooMany(response: Response, seconds: number): void {
  response.status(429).set('retry-after', String(seconds)).json({ ok: false, error: 'ratelimited' })
}

function messagesIn(detail: Shape): readonly string[] {
  const metadata = detail.response_metadata
  return isShape(metadata) && Array.isArray(metadata.messages) ? metadata.messages.map(String) : []
}
