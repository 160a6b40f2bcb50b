import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from '@jest/globals'
import { resourceOf } from '../../lab/kubernetes/embedded/resources.js'
import { serveWatch } from '../../lab/kubernetes/embedded/watch.js'
import { waitFor } from '../../lab/readiness.js'

it('writes nothing behind the end of a watch whose client reads slowly', async () => {
  const pods = resourceOf('Pod')
  const large = { metadata: { namespace: 'x', labels: {}, annotations: { large: 'y'.repeat(3_000_000) } } }
  const missed = Array.from({ length: 10 }, () => ({ of: pods, object: large, type: 'ADDED' }))
  const store = { since: () => missed, onChange: () => () => {}, version: () => 1, oldest: () => 0 }
  const failures: Error[] = []
  let served: http.ServerResponse | undefined
  const server = http.createServer((_, response) => {
    served = response.on('error', (error) => failures.push(error))
    const query = new URLSearchParams('allowWatchBookmarks=true&resourceVersion=1')
    serveWatch(store as never, pods, 'x', query, response, { bookmarkEveryMs: 1, endAfterMs: 20 })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const reading = await new Promise<http.IncomingMessage>((resolve) => {
      http.get({ port: (server.address() as AddressInfo).port }, (response) => resolve(response.pause()))
    })
    await waitFor(async () => served?.writableEnded || undefined, 10_000, 5)
    const ended = new Promise((resolve) => reading.once('end', resolve))
    reading.resume()
    await ended
    expect(failures).toEqual([])
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
