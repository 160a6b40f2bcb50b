import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import pLimit from 'p-limit'
import { repository } from '../../lab/repository.js'
import { type Cell, cells, sampleOf } from './faults.js'
import { type Played, play } from './play.js'
import { reliability } from './table.js'

const isFull = process.env.FLOODGATE_FULL === '1'
const seed = Number(process.env.FLOODGATE_SEED ?? Math.floor(Date.now() / 1000))
const chosen = isFull ? cells : sampleOf(seed, 12)
/** Slack fails for a minute; in the daily sample for as long as shows the same. */
const slackForMs = isFull ? 60_000 : 8000
/** Cells mostly wait; more at once would wait for the processor. */
const atOnce = isFull ? 5 : 3
const cellWithinMs = isFull ? 3_600_000 : 240_000

/** Real Redis, real BullMQ, bots as processes that are killed and stopped for real, Slack's stand-in, the model estate. */
describe(`a night, struck at any boundary, keeps its promises (seed ${seed})`, () => {
  const played = new Map<Cell, Promise<Played>>()
  beforeAll(() => {
    const limit = pLimit(atOnce)
    for (const cell of chosen)
      played.set(
        cell,
        limit(() => play(cell, slackForMs).catch(fallen)),
      )
    if (!isFull) process.stdout.write(`faults: FLOODGATE_SEED=${seed} repeats this sample\n`)
  })

  it.each(chosen.map((cell) => [cell.fault.name, cell.step, cell] as const))(
    '%s, in step %s',
    async (_fault, _step, cell) => {
      expect((await played.get(cell)!).broken).toEqual([])
    },
    cellWithinMs,
  )

  if (isFull)
    it(
      'writes down what was seen',
      async () => {
        const seen = new Map<Cell, Played>()
        for (const [cell, one] of played) seen.set(cell, await one)
        // A broken cell is a defect to mend, not a line to publish.
        expect([...seen].filter(([, one]) => one.broken.length > 0)).toEqual([])
        await writeFile(
          join(repository(), 'docs/reliability.md'),
          await reliability(seen, new Date().toISOString().slice(0, 10)),
        )
      },
      cellWithinMs,
    )
})

const fallen = (error: Error): Played => ({ broken: [`it could not be played: ${error.message}`], wentOnAfterMs: null })
