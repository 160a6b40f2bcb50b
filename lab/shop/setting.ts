import { appNamed, type ShopApp } from './estate.js'

/** What a pod of the shop is told by its environment. */
export interface Setting {
  readonly app: ShopApp
  readonly side: string
  readonly bootstrap: string[]
  readonly ledgerUrl: string
  /** Orders per second that this one process produces; of no concern to consumers. */
  readonly rate: number
}

export function settingFrom(role: string | undefined, env: NodeJS.ProcessEnv): Setting {
  const needed = (name: string): string => {
    const value = env[name]
    if (!value) throw new Error(`The shop's ${role} needs ${name} in its environment, but it is not set.`)
    return value
  }
  const rate = Number(env.RATE ?? '10')
  if (!(rate > 0)) throw new Error(`RATE must be a number of orders per second above 0, but it is "${env.RATE}".`)
  return {
    app: appNamed(role ?? ''),
    side: needed('SIDE'),
    bootstrap: needed('BOOTSTRAP').split(','),
    ledgerUrl: needed('LEDGER_URL'),
    rate,
  }
}
