import type { Part } from './types.js'

/** Remembers what runs already, so that a start that fails half-way leaves nothing running. */
export interface Started extends Part {
  keep<P extends Part>(part: P): P
  /** Waits for all, also when one fails, so that the others can be stopped; then fails with the first failure. */
  together<Parts extends readonly Part[]>(starting: { [K in keyof Parts]: Promise<Parts[K]> }): Promise<Parts>
}

export function createStarted(): Started {
  const running: Part[] = []
  const keep = <P extends Part>(part: P): P => {
    running.push(part)
    return part
  }
  return {
    keep,
    async together<Parts extends readonly Part[]>(starting: { [K in keyof Parts]: Promise<Parts[K]> }) {
      const settled = await Promise.allSettled<Part>(starting)
      for (const one of settled) if (one.status === 'fulfilled') keep(one.value)
      for (const one of settled) if (one.status === 'rejected') throw one.reason
      return settled.map((one) => (one as PromiseFulfilledResult<Part>).value) as unknown as Parts
    },
    /** The latest first. */
    async stop() {
      for (const part of running.splice(0).reverse()) await part.stop()
    },
  }
}
