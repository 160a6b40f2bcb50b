import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { withLock } from '../../lab/kubernetes/real/lock.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floodgate-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('lets one lab build at a time, and tells the other that it waits', async () => {
  const path = join(folder, 'lock')
  const story: string[] = []
  const build = (name: string) =>
    withLock(
      path,
      () => story.push(`${name} waits`),
      async () => {
        story.push(`${name} builds`)
        while (!story.some((line) => line.endsWith('waits'))) await new Promise(setImmediate)
        story.push(`${name} is done`)
      },
    )
  await Promise.all([build('first'), build('second')])
  const winner = story[0]!.split(' ')[0]
  const other = winner === 'first' ? 'second' : 'first'
  expect(story).toEqual([
    `${winner} builds`,
    `${other} waits`,
    `${winner} is done`,
    `${other} builds`,
    `${other} is done`,
  ])
})

it('takes the lock from a lab that is dead', async () => {
  const { pid } = spawnSync('true')
  await writeFile(join(folder, 'lock'), String(pid))
  const story: string[] = []
  await withLock(
    join(folder, 'lock'),
    () => story.push('waits'),
    async () => void story.push('builds'),
  )
  expect(story).toEqual(['builds'])
})
