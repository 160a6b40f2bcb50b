import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { cells, thereBackAndThere } from './matrix.js'
import { type Night, runWithinMs, startNight } from './night.js'

/** Another cell of the matrix each hour; FLOODGATE_CELL=0..31 takes the same one again. `script/test --full` takes them all. */
const turn = Number(process.env.FLOODGATE_CELL ?? Math.floor(Date.now() / 3_600_000) % cells.length)
const cell = cells[turn]

describe(`turning back: cell ${turn} of the matrix`, () => {
  let night: Night
  beforeAll(async () => {
    if (!cell) throw new Error(`FLOODGATE_CELL is ${process.env.FLOODGATE_CELL}; expected 0 to ${cells.length - 1}.`)
    night = await startNight({ source: cell.source, target: cell.target, kubernetes: 'embedded' })
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  it(
    `${cell?.runbook} from Kafka ${cell?.source} to ${cell?.target} up to step ${cell?.steps}, back, and over again: each order is processed exactly once`,
    async () => {
      await thereBackAndThere(night, cell!)
      expect((await night.people.alice.state()).refusals).toEqual([])
    },
    3 * runWithinMs,
  )
})
