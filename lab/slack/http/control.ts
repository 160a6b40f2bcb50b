import { Router } from 'express'
import { z } from 'zod'
import type { Delivery } from '../delivery/deliver.js'
import type { Sockets } from '../delivery/sockets.js'
import { clickMessage, clickView } from '../person/click.js'
import { typeLine } from '../person/command.js'
import { openHome } from '../person/home.js'
import { closeView, submitView } from '../person/submit.js'
import type { Slack } from '../slack.js'
import * as asked from './asked.js'
import { argumentsOf } from './body.js'
import { snapshotOf } from './snapshot.js'

/** Longest that a reader is kept waiting for a change before it is told that there was none. */
const holdMs = 20_000

/** `/lab/*`: what a person does at the page, and what a test does to Slack. Answers `{ ok: true }` or `{ ok: false, error }`. */
export function createControl(slack: Slack, sockets: Sockets, delivery: Delivery): Router {
  const router = Router()
  const on = <T>(path: string, schema: z.ZodType<T>, act: (args: T) => unknown): void => {
    router.post(path, async (request, response) => {
      const result = await act(schema.parse(await argumentsOf(request)))
      response.json({ ok: true, ...(typeof result === 'object' ? result : {}) })
    })
  }

  on('/command', asked.line, (line) => typeLine(slack, delivery, line))
  on('/click', asked.click, ({ channel, ts, view_id, ...click }) =>
    view_id === undefined
      ? clickMessage(slack, delivery, { channel: channel ?? '', ts: ts ?? '' }, click)
      : clickView(slack, delivery, view_id, click),
  )
  on('/submit', asked.submit, async ({ view_id, user, values }) => ({
    errors: await submitView(
      slack,
      delivery,
      view_id,
      user,
      asked.byBlock(slack.views.find(view_id).view.blocks, values),
    ),
  }))
  on('/close', asked.close, ({ view_id, user, all }) => closeView(slack, delivery, view_id, user, all))
  on('/home', z.object({ user: z.string() }), ({ user }) => openHome(slack, delivery, user))
  on('/dismiss', z.object({ ts: z.string() }), ({ ts }) => slack.ephemerals.dismiss(ts))

  on('/faults', asked.fault, (fault) => slack.faults.set(fault))
  on('/scopes', z.object({ remove: z.array(z.string()) }), ({ remove }) => slack.scopes.remove(remove))
  on('/limits', z.object({ natural: z.boolean() }), ({ natural }) => slack.rates.enable(natural))
  on('/sockets', z.object({ end: z.enum(['cut', 'refresh']) }), ({ end }) => sockets.end(end))
  on('/repeat', z.object({ times: z.number() }), ({ times }) => delivery.repeatNext(times))
  on('/delete', z.object({ channel: z.string(), ts: z.string() }), ({ channel, ts }) =>
    slack.messages.remove(channel, ts),
  )
  on('/request-url', z.object({ url: z.string().nullable() }), ({ url }) => delivery.setRequestUrl(url ?? undefined))
  on('/processing', z.object({ ms: z.number() }), ({ ms }) => slack.files.setProcessingMs(ms))
  on('/forget-blocks', z.object({ types: z.array(z.string()) }), ({ types }) => slack.rules.forget(types))
  on('/heal', z.object({}), () => {
    slack.faults.clear()
    slack.scopes.restore()
    slack.rates.enable(false)
    slack.rules.forget([])
    delivery.repeatNext(0)
    slack.tally.clear()
  })

  router.get('/state', async (request, response) => {
    const after = Number(request.query.after ?? -1)
    if (slack.workspace.version() <= after)
      await nextChange(slack, Math.min(Number(request.query.withinMs ?? holdMs), holdMs))
    response.json(snapshotOf(slack, sockets, delivery))
  })
  router.get('/events', (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    const tell = (): void => void response.write(`data: ${JSON.stringify({ version: slack.workspace.version() })}\n\n`)
    tell()
    request.on('close', slack.workspace.onChange(tell))
  })
  router.get('/file/:id', (request, response) => {
    const { file, bytes } = slack.files.find(request.params.id)
    response.set(
      'content-disposition',
      `${file.mimetype.startsWith('image/') ? 'inline' : 'attachment'}; filename="${encodeURIComponent(file.name)}"`,
    )
    response.type(file.mimetype).send(bytes)
  })
  return router
}

function nextChange(slack: Slack, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = slack.workspace.onChange(() => done())
    const late = setTimeout(() => done(), withinMs)
    const done = (): void => {
      clearTimeout(late)
      stop()
      resolve()
    }
  })
}
