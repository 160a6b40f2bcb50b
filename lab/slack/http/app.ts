import express, { type ErrorRequestHandler, type Express } from 'express'
import { ZodError } from 'zod'
import { isShape } from '../blocks/check.js'
import type { Delivery } from '../delivery/deliver.js'
import type { Sockets } from '../delivery/sockets.js'
import { respond } from '../person/respond.js'
import { Refusal } from '../refusal.js'
import type { Slack } from '../slack.js'
import { argumentsOf, bytesOf } from './body.js'
import { createControl } from './control.js'
import { createPage } from './page.js'
import { createWebApi, type Tokens } from './webApi.js'

const largestBody = '64mb'

/** Every address of the stand-in on one server. */
export function createApp(slack: Slack, sockets: Sockets, delivery: Delivery, tokens: Tokens): Express {
  const app = express().disable('x-powered-by')
  app.use(express.raw({ type: () => true, limit: largestBody }))
  app.all('/api/:method', createWebApi(slack, sockets, tokens))
  app.post('/upload/v1/:id', async (request, response) => {
    const bytes = await bytesOf(request)
    slack.files.receive(request.params.id, bytes)
    response.type('text/plain').send(`OK - ${bytes.length}`)
  })
  app.get('/files-pri/:place/:name', (request, response) => {
    if (request.headers.authorization !== `Bearer ${tokens.bot}`) return void response.status(403).send('not_authed')
    const { file, bytes } = slack.files.find(request.params.place.split('-')[1] ?? '')
    response.type(file.mimetype).send(bytes)
  })
  app.post('/actions/:team/:id', async (request, response) => {
    const origin = slack.responseUrls.use(request.params.id)
    if (typeof origin === 'string') return void response.status(404).json({ ok: false, error: origin })
    const answer = await argumentsOf(request)
    respond(slack, origin, isShape(answer) ? answer : {})
    response.type('text/plain').send('ok')
  })
  app.use('/lab', createControl(slack, sockets, delivery))
  app.use(createPage())
  app.use(explain(slack))
  return app
}

const explain =
  (slack: Slack): ErrorRequestHandler =>
  (error, request, response, _next) => {
    if (error instanceof Refusal) {
      slack.tally.refused(request.path, error.error, [])
      response.status(400).json({ ok: false, error: error.error, ...error.detail })
    } else if (error instanceof ZodError || error instanceof SyntaxError) {
      response.status(400).json({ ok: false, error: 'invalid_arguments', detail: error.message })
    } else {
      response.status(500).json({ ok: false, error: 'internal_error', detail: String(error) })
    }
  }
