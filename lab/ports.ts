import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below Linux's range for outgoing connections (32768 and up): a broker that restarts must find its port free again, and a
 * client's connection may otherwise have taken it in between.
 */
const lowest = 20_000
const highest = 32_000
const anyPort = () => lowest + Math.floor(Math.random() * (highest - lowest))

/** A TCP port on which nothing listens on loopback, and which no process that lives was handed before: test runs go on side by side. */
export async function freePort(draw: () => number = anyPort): Promise<number> {
  for (;;) {
    const port = draw()
    if ((await isFree(port)) && (await reserve(port))) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** By the UDP port of that number, which no part of the lab speaks on: one process has it, and when that dies the kernel takes it back. */
async function reserve(port: number): Promise<boolean> {
  const held = createSocket('udp4').unref()
  try {
    held.bind({ port, address: '127.0.0.1', exclusive: true })
    await once(held, 'listening')
    return true
  } catch {
    held.close()
    return false
  }
}
