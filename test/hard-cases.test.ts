import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { gates } from '../src/gates/index.js'

const page = readFileSync('docs/hard-cases.md', 'utf8')
const words = (cell: string) => cell.split(', ')

/** Rows of the table under a heading, cell by cell. */
function table(heading: string): readonly (readonly string[])[] {
  const section = page.split('\n## ').find((one) => one.startsWith(heading)) ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

const kinds = new Map(table('What the gates look at').map(([kind, of]) => [kind!, words(of!)]))
const proofs = [...kinds.values()].flat()
/** A case and a gate that a row is about; a cell names gates, or kinds of them. */
const pairs = (heading: string) =>
  table(heading).flatMap(([cases, of]) =>
    words(cases!).flatMap((one) =>
      words(of!).flatMap((gate) => (kinds.get(gate) ?? [gate]).map((name) => `${one} | ${name}`)),
    ),
  )

describe('the page of hard cases', () => {
  it('knows every gate that it names', () => {
    expect(proofs.filter((name) => !gates.has(name))).toEqual([])
  })

  it('has each gate with each case once: tested, of no concern, or without a test', () => {
    const [tested, others] = [new Set(pairs('Tested')), [...pairs('Does not concern them'), ...pairs('No test')]]
    const cases = new Set([...tested, ...others].map((pair) => pair.split(' | ')[0]!))
    const all = [...cases].flatMap((one) => proofs.map((gate) => `${one} | ${gate}`))
    expect(all.filter((pair) => !tested.has(pair) && !others.includes(pair))).toEqual([])
    expect(others.filter((pair, i) => tested.has(pair) || others.indexOf(pair) !== i)).toEqual([])
    expect([...tested, ...others].filter((pair) => !all.includes(pair))).toEqual([])
  })

  it.each(table('Tested').map(([one, of, test]) => ({ one, of, test: test! })))(
    'names a test that is there: $one, $of',
    ({ test }) => {
      const [, file, titles] = /^`(.+)`: (.+)$/.exec(test)!
      const text = readFileSync(`test/${file}.test.ts`, 'utf8')
      const quoted = text.match(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g)
      for (const title of titles!.split(' · ')) expect(quoted).toContainEqual(expect.stringContaining(title))
    },
  )
})
