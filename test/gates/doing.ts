import type { Action } from '../../src/actions/action.js'
import type { Migration } from '../../src/config/migration.js'
import type { Json } from '../../src/runbook/json.js'
import type { Effect } from '../../src/runbook/language.js'

/** Plans and performs actions as the engine does, and undoes what was done. */
export function createDoing<Deps>(deps: Deps, migration: Migration, facts = new Map<string, Json>()) {
  const context = () => ({
    now: Date.now(),
    migration,
    fact: async (name: string) => facts.get(name),
    stillMine: async () => undefined,
  })
  const done: { effect: Effect; perform(effect: Effect): Promise<string> }[] = []
  const plan = async <Args>(action: Action<Deps, Args>, args: unknown = {}) =>
    (await action.plan(deps, action.args.parse(args), context())).effects
  return {
    plan,
    async act<Args>(action: Action<Deps, Args>, args: unknown = {}): Promise<string[]> {
      const perform = async (effect: Effect) => {
        const performed = await action.perform(deps, effect, context())
        for (const [name, value] of Object.entries(performed.facts ?? {})) facts.set(name, value!)
        return performed.text
      }
      const texts: string[] = []
      for (const effect of await plan(action, args)) {
        texts.push(await perform(effect))
        done.push({ effect, perform })
      }
      return texts
    },
    async undo(): Promise<string[]> {
      const texts: string[] = []
      for (const { effect, perform } of done.splice(0).reverse())
        texts.push(await perform({ ...effect, before: effect.after, after: effect.before }))
      return texts
    },
  }
}
