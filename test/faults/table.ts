import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { repository } from '../../lab/repository.js'
import { type Cell, faults, steps } from './faults.js'
import type { Played } from './play.js'

/** docs/reliability.md, of a run in which every cell kept. */
export async function reliability(seen: ReadonlyMap<Cell, Played>, today: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(repository(), 'package.json'), 'utf8')) as { version: string }
  const played = new Map([...seen].map(([{ fault, step }, one]) => [`${fault.name} ${step}`, one]))
  const rows = faults.map(
    ({ name }) => `| ${name} | ${steps.map((step) => word(played.get(`${name} ${step}`))).join(' | ')} |`,
  )
  return `# What a night survives

Written by the run that tested it (\`FLOODGATE_FULL=1\`, \`test/faults/matrix.test.ts\`): ${today}, version ${version}, Node.js ${process.versions.node}, ${cpus().length} cores shared with other work.

Each cell is a night of three steps on a real Redis with a real BullMQ. The bots are processes of their own, the people click in Slack's stand-in over Socket Mode, every step
takes two approvals, and the estate is the model of \`test/estate.ts\`, whose effects are counted outside of the bots. The fault strikes once, in the step of its column; \`undo-two\`
is a night that is rolled back before its pivot. \`kill -9\` and SIGSTOP hit the process exactly at the boundary; one bot alone is started again, of two the other goes on. A
paused bot is woken when the run is over, with what it was about to do still in its hands. Slack fails for a minute.

**Kept** means, for each of them: the run finished; no effect was done twice or left out, and nothing was undone by who woke late; every click that Slack took is an approval in the log, and counts once;
nothing that was approved had to be asked again; the log verifies and breaks none of the rules of \`test/run/rules.ts\`; every message stands once in the channel and says what the log says.
The seconds are those from the blow to the next event in the log, whoever caused it: where only a person can go on, they hold the person's waiting too.

${seen.size} of ${faults.length * steps.length} cells were played, and all of them kept.

| fault | ${steps.join(' | ')} |
|---|${steps.map(() => '---|').join('')}
${rows.join('\n')}
`
}

function word(one: Played | undefined): string {
  if (!one) return 'not played'
  return one.wentOnAfterMs === null ? 'kept' : `kept, ${(one.wentOnAfterMs / 1000).toFixed(1)} s`
}
