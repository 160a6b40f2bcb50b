import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { kubernetesWorkloads, type Workloads } from '../../lab/floor/workloads.js'
import { exactly, floor, floorBack } from '../../lab/floor.js'
import { type Lab, upLab } from '../../lab/index.js'

/** The method itself on a whole lab, without the bot. Needs `npm run build` before: the shop's pods run the built program. */
const patience = 240_000
const quickly = { ...exactly, silenceMs: 2_000 }
const nothingWrong = { lost: 0, duplicated: 0, unknown: 0 }

let folder: string
let lab: Lab
let pods: Workloads

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floor-'))
  lab = await upLab({ folder, source: '3.9', target: '4', brokers: 1, kubernetes: 'embedded', rate: 40 }, () => {})
  pods = kubernetesWorkloads(lab.description.kubernetes)
}, patience)

afterAll(async () => {
  await lab?.stop()
  await rm(folder, { recursive: true, force: true })
}, patience)

// In this order, on one lab: what a broken rule has lost or repeated stays in its books.
describe('the nine steps as a bare script', () => {
  it(
    'lose and repeat nothing with the mirror first, and leave records behind on the source',
    async () => {
      const result = await floor(lab.description, pods, quickly)
      expect(result).toMatchObject(nothingWrong)
      expect(result.behindOnSource).toBeGreaterThan(0)
    },
    patience,
  )

  it(
    'lose and repeat nothing on the way back',
    async () => {
      expect(await floorBack(lab.description, pods, quickly)).toMatchObject(nothingWrong)
    },
    patience,
  )

  it(
    'lose and repeat nothing with the mirror last, and leave nothing behind',
    async () => {
      const result = await floor(lab.description, pods, { ...quickly, order: 'mirror-last' })
      expect(result).toMatchObject({ ...nothingWrong, behindOnSource: 0 })
      expect(await floorBack(lab.description, pods, quickly)).toMatchObject(nothingWrong)
    },
    2 * patience,
  )

  it(
    'repeat what the mirror brought when the groups are positioned at the beginning',
    async () => {
      const { lost, duplicated } = await floor(lab.description, pods, { ...quickly, positions: 'beginning' })
      expect(lost).toBe(0)
      expect(duplicated).toBeGreaterThan(0)
    },
    patience,
  )

  it(
    'lose what the valve has delivered when the groups are positioned at the log end',
    async () => {
      const before = await floorBack(lab.description, pods, quickly)
      const after = await floor(lab.description, pods, { ...quickly, positions: 'log-end', judgedWithinMs: 15_000 })
      expect(after.lost).toBeGreaterThan(0)
      expect(after.duplicated).toBe(before.duplicated)
    },
    2 * patience,
  )
})
