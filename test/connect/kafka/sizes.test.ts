import { expect, it } from '@jest/globals'
import type { Connections } from '../../../src/connect/kafka/connections.js'
import type { Metadata } from '../../../src/connect/kafka/metadata.js'
import { createSizes } from '../../../src/connect/kafka/sizes.js'

/** A broker answers DescribeLogDirs with nothing, and no error, to a user without DESCRIBE on the cluster. */
it('a partition whose size nobody says has not the size 0', async () => {
  const sizesWhere = (leader: number) => {
    const partitions = [{ partition: 0, leader, replicas: [1], isr: [1] }]
    const metadata = {
      of: async () => ({ brokers: new Map([[1, 'broker:9092']]), topics: new Map([['orders', partitions]]) }),
    }
    const connections = { send: async () => [] }
    return createSizes(connections as unknown as Connections, metadata as unknown as Metadata).sizes(['orders'])
  }
  await expect(sizesWhere(1)).rejects.toMatchObject({
    code: 'unreadable',
    message: expect.stringMatching(/size of orders-0\. .*DESCRIBE/),
  })
  expect((await sizesWhere(-1)).get('orders')?.size).toBe(0)
})
