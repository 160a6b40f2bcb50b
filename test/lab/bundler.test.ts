import { describe, expect, it } from '@jest/globals'
import { bundle } from '../../lab/bundler.js'

const small = { stdin: { contents: 'export const answer = 42' }, write: false, format: 'esm' } as const
const large = {
  stdin: { contents: "export * from 'react-dom/client'", resolveDir: process.cwd() },
  bundle: true,
  write: false,
  format: 'esm',
} as const

describe('the bundler', () => {
  it('finishes what is under way when something shorter is done first: the page is asked for while the shop is built', async () => {
    const underWay = bundle(large)
    const first = await bundle(small)
    const second = await underWay
    expect(first.outputFiles[0]!.text).toContain('42')
    expect(second.outputFiles[0]!.text).toContain('createRoot')
  })

  it('serves again after it has stopped', async () => {
    await bundle(small)
    expect((await bundle(small)).outputFiles).toHaveLength(1)
  })
})
