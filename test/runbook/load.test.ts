import { readFile } from 'node:fs/promises'
import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { type Callable, loadRunbook, type RunbookError } from '../../src/runbook/load.js'

const callables = (...list: Callable[]) => new Map(list.map((one) => [one.name, one]))
const none = z.strictObject({})
const registries = {
  gates: callables(
    { name: 'drained', args: z.strictObject({ side: z.enum(['source', 'target']) }) },
    { name: 'waterline', args: none, gives: ['waterline'] as const },
    { name: 'positioned', args: none, needs: ['waterline'] as const },
  ),
  actions: callables({ name: 'mirror-stop', args: none }),
  policies: ['operators'],
  roles: ['operators', 'owners'],
  runbooks: ['cutover', 'rollback'],
}
const load = (text: string) => loadRunbook('x.yaml', text, registries)
const head = 'runbook: x\ntitle: X\napprove: operators\n'
const mistakes = (text: string): readonly string[] => {
  try {
    load(text)
    return []
  } catch (error) {
    return (error as RunbookError).mistakes
  }
}

describe('loading a runbook', () => {
  it('reads gates with their own arguments and the engine’s', () => {
    const runbook = load(
      `${head}steps:\n  - id: a\n    title: A\n    do: [mirror-stop]\n    check: [drained: { side: source, for: 10s, within: 1h30m, warn: true }]\n`,
    )
    expect(runbook.steps[0]!.check[0]).toEqual({
      gate: 'drained',
      args: { side: 'source' },
      forMs: 10_000,
      withinMs: 5_400_000,
      warn: true,
    })
    expect(runbook.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  it('takes the first policy of a list that migration.yaml has', () => {
    const text = (list: string) =>
      `runbook: x\ntitle: X\napprove: ${list}\nsteps: [{ id: a, title: A, do: [mirror-stop] }]\n`
    expect(load(text('[rollback, operators]')).steps[0]!.approve).toBe('operators')
    expect(mistakes(text('[rollback, nobody]'))[0]).toMatch(/x.yaml:3: approve: .*none of them is a policy.*operators/)
  })

  it.each([
    [
      'an unknown gate',
      'steps:\n  - id: a\n    title: A\n    check: [drainde: { side: source }]',
      /^x.yaml:7: drainde is not a gate; known are drained/,
    ],
    [
      'a wrong argument',
      'steps:\n  - id: a\n    title: A\n    check: [drained: { side: left }]',
      /^x.yaml:7: drained: side: .*source.*target/,
    ],
    [
      'an argument too many',
      'steps:\n  - id: a\n    title: A\n    check: [drained: { side: source, tire: dam }]',
      /tire/,
    ],
    [
      'a wrong duration',
      'steps:\n  - id: a\n    title: A\n    check: [drained: { side: source, within: soon }]',
      /expected a duration/,
    ],
    [
      'a key that is none',
      'steps:\n  - id: a\n    titel: A',
      /^x.yaml:6: titel: a step has no such key; allowed are id, title/,
    ],
    ['a title that is missing', 'steps:\n  - id: a', /^x.yaml:5: title: read nothing/],
    ['an id twice', 'steps:\n  - { id: a, title: A }\n  - { id: a, title: B }', /^x.yaml:6: id: a stands twice/],
    ['a policy that is none', 'steps:\n  - { id: a, title: A, approve: bosses }', /approve: read "bosses"/],
    [
      'a need that nothing gives',
      'steps:\n  - { id: a, title: A, check: [positioned] }\n  - { id: b, title: B, check: [waterline] }',
      /^x.yaml:5: a: positioned needs the fact waterline/,
    ],
    ['no steps', 'steps: []', /at least one step/],
    ['broken YAML', 'steps: [', /^x.yaml:\d+: /],
    ['a rollback that is none', 'rollback: undo\nsteps:\n  - { id: a, title: A }', /rollback: read "undo"/],
  ])('names file, line and what is allowed for %s', (_what, text, expected) => {
    expect(mistakes(head + text)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]))
  })

  it('names all mistakes at once', () => {
    expect(mistakes(`${head}colour: red\nsteps:\n  - { id: a, title: A, check: [nothing], do: [shell] }`)).toHaveLength(
      3,
    )
  })

  it('has no action that runs a shell', async () => {
    const source = await readFile('src/actions/index.ts', 'utf8')
    expect(source).not.toMatch(/shell|exec|spawn/)
  })
})
