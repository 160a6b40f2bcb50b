import { z } from 'zod'
import { gate } from './gate.js'
import type { Connectors, OnConnect } from './reading/clients.js'
import { few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const mirrorRuns = gate<OnConnect<Connectors>, z.infer<typeof args>>({
  name: 'mirror-runs',
  proves: "the mirror's connectors are RUNNING, each with a RUNNING task and none that failed",
  args,
  measure: ({ connect }, _, look) =>
    unlessUnreadable(async () => {
      const { mirror } = look.migration
      const names = [mirror.source, ...(mirror.checkpoint ? [mirror.checkpoint] : [])]
      const found = await Promise.all(
        names.map(async (name) => ({ name, status: await connect(mirror.url).status(name) })),
      )
      const evidence = {
        connectors: found.map(({ name, status }) => ({
          name,
          state: status?.state ?? 'absent',
          tasks: status?.tasks.map((task) => task.state) ?? [],
        })),
      }
      const wrong = found.flatMap(({ name, status }) => {
        const failed = status?.tasks.find((task) => task.state === 'FAILED')
        if (failed) return [`${name} has a failed task: ${failed.trace?.split('\n')[0] ?? 'no trace'}`]
        // The checkpoint connector makes its tasks from the groups that it finds, so without a group it has none.
        const busy = name === mirror.checkpoint || status?.tasks.some((task) => task.state === 'RUNNING')
        const runs = status?.state === 'RUNNING' && busy
        return runs ? [] : [`${name} is ${status?.state ?? 'absent'} with ${status?.tasks.length ?? 0} tasks`]
      })
      return wrong.length > 0
        ? { verdict: 'failed', reason: 'not-running', evidence, text: few(wrong) }
        : { verdict: 'passed', evidence, text: `${names.join(' and ')} ${names.length === 1 ? 'runs' : 'run'}` }
    }),
})
