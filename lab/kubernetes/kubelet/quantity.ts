const factors: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
}

/** Bytes of a Kubernetes quantity such as `64Mi`; undefined when it is none. */
export function bytesOf(quantity: string | undefined): number | undefined {
  const parsed = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity ?? '')
  const factor = parsed && factors[parsed[2]!]
  return factor ? Math.floor(Number(parsed[1]) * factor) : undefined
}
