/** The shop as a list: what it writes, what it reads, in which order its flow goes. Everything that must know the shop's shape reads it here. */
export const partitions = 6
export const topics = ['intake', 'orders', 'stock', 'shipments', 'invoices'] as const
export type Topic = (typeof topics)[number]

export type Role = 'checkout' | 'stock' | 'intake' | 'router' | 'fulfilment' | 'billing'
export type Tier = 'upstream' | 'dam' | 'downstream'

export interface ShopApp {
  readonly name: Role
  readonly tier: Tier
  readonly replicas: number
  readonly reads: readonly Topic[]
  readonly writes: readonly Topic[]
}

/** In flow order: an app stands behind everyone whose records it reads. */
export const apps: readonly ShopApp[] = [
  { name: 'checkout', tier: 'upstream', replicas: 2, reads: [], writes: ['orders'] },
  { name: 'stock', tier: 'upstream', replicas: 1, reads: [], writes: ['stock'] },
  { name: 'intake', tier: 'upstream', replicas: 1, reads: ['intake'], writes: ['orders'] },
  { name: 'router', tier: 'dam', replicas: 1, reads: ['orders', 'stock'], writes: ['shipments', 'invoices'] },
  { name: 'fulfilment', tier: 'downstream', replicas: 1, reads: ['shipments'], writes: [] },
  { name: 'billing', tier: 'downstream', replicas: 1, reads: ['invoices'], writes: [] },
]

/** Who can bring an order into being. `outside` is the world before the valve; `history` is what stood in the topics at the start. */
export type Origin = 'checkout' | 'stock' | 'outside' | 'history'

/** The groups that must process an order exactly once, by where it came from. A stock movement is shipped, not billed. */
export const mustReach: Readonly<Record<Origin, readonly ('fulfilment' | 'billing')[]>> = {
  checkout: ['fulfilment', 'billing'],
  stock: ['fulfilment'],
  outside: ['fulfilment', 'billing'],
  history: ['fulfilment', 'billing'],
}

export function appNamed(name: string): ShopApp {
  const app = apps.find((each) => each.name === name)
  if (!app) throw new Error(`The shop has no app "${name}"; it has ${apps.map((each) => each.name).join(', ')}.`)
  return app
}
