import type { PersonCommand } from '../run/commands.js'
import { NotRecorded } from './errors.js'
import type { Log } from './submit.js'

/** What goes back is never kept waiting, and says for itself where it must not begin. */
const isWayBack = ({ runbook }: Extract<PersonCommand, { do: 'start' }>): boolean => runbook.rollback === null

/**
 * A real run is refused on a log that a crash could shorten, or that another should stand before; a rehearsal changes nothing and may go with less. `unsafe` is asked at
 * each start, so that what was set right counts at once: sentences that say what to do, empty when all is well.
 */
export function withSafeRuns(log: Log, unsafe: () => Promise<readonly string[]>): Log {
  return {
    ...log,
    async submit(command, seen) {
      if (command.do !== 'start' || command.mode !== 'real' || isWayBack(command)) return log.submit(command, seen)
      const why = await unsafe().catch((error: unknown) => {
        throw new NotRecorded(error)
      })
      if (!why.length) return log.submit(command, seen)
      return {
        code: 'unsafe-log',
        refused: `A real run takes a log that is whole and that no crash can shorten. ${why.join(' ')} Until then it can be rehearsed: /migrate rehearse.`,
      }
    },
  }
}
