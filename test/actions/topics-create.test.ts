import { expect, it } from '@jest/globals'
import { topicsCreate } from '../../src/actions/topics-create.js'
import { createDoing } from '../gates/doing.js'
import { migrationOf } from '../gates/look.js'

it('asks the mirrored topics that are there first which configs the target knows, and few others', async () => {
  const mine = ['orders', 'payments']
  const others = Array.from({ length: 500 }, (_, i) => `a-${i}`)
  const entry = (key: string) => ({ key, value: '1', set: true })
  const states = (topics: readonly string[]) => ({
    topics: new Map(
      topics.map((topic) => [topic, [{ partition: 0, leader: 1, replicas: [1], isr: [1], offline: [] }]]),
    ),
    brokers: new Map([[1, '127.0.0.1:1']]),
  })
  for (const [there, wanted] of [
    [['payments'], { known: true, asked: ['payments'] }],
    [[], { known: false, asked: others.slice(0, 10) }],
  ] as const) {
    const asked: string[] = []
    const source = {
      state: async () => states(mine),
      configEntries: async (topics: readonly string[]) =>
        new Map(topics.map((topic) => [topic, [entry('retention.ms'), entry('odd')]])),
    }
    const target = {
      state: async () => states([...others, ...there]),
      configEntries: async (topics: readonly string[]) => {
        if (topics.length === 1) asked.push(...topics)
        if (topics.length === 1 && others.includes(topics[0]!))
          throw Object.assign(new Error('no'), { code: 'refused' })
        return new Map(there.filter((topic) => topics.includes(topic)).map((topic) => [topic, [entry('retention.ms')]]))
      },
      createTopic: async () => undefined,
    }
    const plan = await createDoing({ kafka: { source, target } } as never, migrationOf(mine, [{ name: 'shop' }])).plan(
      topicsCreate,
    )
    expect(asked).toEqual(wanted.asked)
    expect(plan.map(({ after }) => (after as { configs: object }).configs)).toEqual(
      plan.map(() => expect.objectContaining(wanted.known ? {} : { odd: '1' })),
    )
    expect(JSON.stringify(plan).includes('odd')).toBe(!wanted.known)
  }
})
