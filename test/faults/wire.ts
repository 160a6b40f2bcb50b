import type { ChildProcess } from 'node:child_process'
import type { Estate, ModelApps } from '../estate.js'

/** The estate lives in the test, its bots in processes of their own: what a killed bot did stays done, and is counted once. */
interface Call {
  readonly id: number
  readonly method: keyof ModelApps
  readonly args: readonly unknown[]
}
interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly failed?: { readonly message: string; readonly code?: string }
}

/** In the bot: the estate as gates and actions see it. */
export function estateOverIpc(): ModelApps {
  const waiting = new Map<number, (answer: Answer) => void>()
  let calls = 0
  process.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  const call =
    (method: keyof ModelApps) =>
    (...args: unknown[]) =>
      new Promise<never>((resolve, reject) => {
        const id = ++calls
        waiting.set(id, ({ value, failed }) =>
          failed ? reject(Object.assign(new Error(failed.message), failed)) : resolve(value as never),
        )
        process.send!({ id, method, args } satisfies Call)
      })
  return { look: call('look'), scale: call('scale'), setScale: call('setScale') }
}

/** In the test: answers a bot's calls. */
export function serveEstate(estate: Estate, bot: ChildProcess): void {
  bot.on('message', async ({ id, method, args }: Call) => {
    const answer = await (estate[method] as (...given: readonly unknown[]) => Promise<unknown>)(...args).then(
      (value): Answer => ({ id, value }),
      (error: Error & { code?: string }): Answer => ({
        id,
        failed: { message: error.message, ...(error.code ? { code: error.code } : {}) },
      }),
    )
    if (bot.connected) bot.send(answer, () => {})
  })
}
