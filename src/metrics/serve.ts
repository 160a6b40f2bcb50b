import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from './text.js'

export interface MetricsServer {
  readonly port: number
  stop(): Promise<void>
}

/** GET /metrics for Prometheus, and nothing else; figures only, no secrets, so nobody is asked who they are. 503 while they cannot be read. */
export async function serveMetrics(
  metrics: Metrics,
  port: number,
  warn: (error: Error) => void,
): Promise<MetricsServer> {
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0]
    if (request.method !== 'GET' || path !== '/metrics') {
      response.writeHead(404).end('GET /metrics\n')
      return
    }
    try {
      const text = await metrics.text()
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
    } catch (error) {
      warn(error as Error)
      response.writeHead(503).end('The figures cannot be read at the moment.\n')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  server.on('error', warn)
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
