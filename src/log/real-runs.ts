import type { PersonCommand } from '../run/commands.js'
import { adoptRunbook } from '../run/undo.js'
import { NotRecorded } from './errors.js'
import type { LostHeads } from './lost-heads.js'
import type { Log } from './submit.js'

/** What goes back is never kept waiting, and says for itself where it must not begin. */
const isWayBack = ({ runbook }: Extract<PersonCommand, { do: 'start' }>): boolean => runbook.rollback === null

export interface Unsafe {
  /** What of Redis's settings could shorten a log in a crash: sentences that say what to do, empty when all is well. */
  settings(): Promise<readonly string[]>
  heads(): Promise<LostHeads>
}

/**
 * A real run is refused on a log that a crash could shorten, or that another should stand before; a rehearsal changes nothing and may go with less. It is
 * asked at each start, so that what was set right counts at once. Whoever takes a log over is told whether one was lost at all.
 */
export function withSafeRuns(log: Log, unsafe: Unsafe): Log {
  const asked = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      throw new NotRecorded(error)
    })
  return {
    ...log,
    async submit(command, seen) {
      if (command.do !== 'start') return log.submit(command, seen)
      if (command.runbook.name === adoptRunbook)
        return log.submit({ ...command, lost: (await asked(unsafe.heads())).lost }, seen)
      if (command.mode !== 'real' || isWayBack(command)) return log.submit(command, seen)
      const [settings, heads] = await asked(Promise.all([unsafe.settings(), unsafe.heads()]))
      const why = [...settings, ...heads.why]
      if (!why.length) return log.submit(command, seen)
      return {
        code: 'unsafe-log',
        refused: `A real run takes a log that is whole and that no crash can shorten. ${why.join(' ')} Until then it can be rehearsed: /migrate rehearse.`,
      }
    },
  }
}
