import { createServer } from 'node:net'

/**
 * Below Linux's range for outgoing connections (32768 and up): a broker that restarts must find its port free again, and a
 * client's connection may otherwise have taken it in between.
 */
const lowest = 20_000
const highest = 32_000
const handedOut = new Set<number>()

/** A TCP port on which nothing listens on loopback, never the same twice in one process. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if (handedOut.has(port) || !(await isFree(port))) continue
    handedOut.add(port)
    return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
