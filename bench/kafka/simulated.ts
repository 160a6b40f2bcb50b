import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { Reader, Writer } from '../../src/connect/kafka/bytes.js'
import { groupsOf, type Size, topicsOf } from './size.js'

/**
 * One broker at the protocol level, for estates that no machine for tests can hold: it answers what a lag snapshot asks, every log ending
 * at 2 and every group standing at 1. Returns its address.
 */
export async function simulatedBroker(size: Size): Promise<{ address: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let bytes = Buffer.alloc(0)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more])
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const length = 4 + bytes.readInt32BE(0)
        socket.write(answer(bytes.subarray(4, length)))
        bytes = bytes.subarray(length)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const answers = answersOf(size, port)

  function answer(request: Buffer): Buffer {
    const reader = new Reader(request)
    const apiKey = reader.int16()
    const version = reader.int16()
    const correlation = reader.int32()
    reader.nullableString()
    const api = answers.get(apiKey)
    if (!api) throw new Error(`the simulated broker was asked for API ${apiKey}, which no lag snapshot asks for`)
    const flexible = version >= api.flexibleFrom
    if (flexible) reader.tags()
    const body = new Writer().int32(correlation)
    // The answer to ApiVersions has no tags in its header, whatever its version.
    if (flexible) body.tags()
    api.write(body, reader)
    const bytes = body.bytes()
    return Buffer.concat([new Writer().int32(bytes.length).bytes(), bytes])
  }

  return {
    address: `127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

interface Api {
  /** The versions that it speaks, and the first with tagged fields. */
  readonly versions: readonly [from: number, to: number]
  readonly flexibleFrom: number
  write(body: Writer, request: Reader): void
}

const never = 99

function answersOf(size: Size, port: number): ReadonlyMap<number, Api> {
  const topics = topicsOf(size)
  const groups = groupsOf(size)
  const partitions = Array.from({ length: size.partitions }, (_, i) => i)
  const apis = new Map<number, Api>()
  const broker = (body: Writer) => body.int32(1).string('127.0.0.1').int32(port)

  const apiVersions: Api = {
    versions: [0, 2],
    flexibleFrom: never,
    write: (body) =>
      body
        .int16(0)
        .array([...apis], ([key, { versions }]) => body.int16(key).int16(versions[0]).int16(versions[1]))
        .int32(0),
  }
  const metadata: Api = {
    versions: [5, 5],
    flexibleFrom: never,
    write: (body, request) => {
      const asked = request.array(() => request.string())
      body
        .int32(0)
        .array([1], () => broker(body).string(null))
        .string('simulated')
        .int32(1)
        .array(asked, (topic) =>
          body
            .int16(0)
            .string(topic)
            .int8(0)
            .array(partitions, (partition) => {
              const one = (id: number) => body.int32(id)
              body.int16(0).int32(partition).int32(1).array([1], one).array([1], one).array([], one)
            }),
        )
    },
  }
  const listOffsets: Api = {
    versions: [2, 2],
    flexibleFrom: never,
    write: (body) =>
      body
        .int32(0)
        .array(topics, (topic) =>
          body.string(topic).array(partitions, (partition) => body.int32(partition).int16(0).int64(-1n).int64(2n)),
        ),
  }
  const findCoordinator: Api = {
    versions: [4, 4],
    flexibleFrom: 3,
    write: (body, request) => {
      request.int8()
      const asked = request.compactArray(() => request.compactString())
      body
        .int32(0)
        .compactArray(asked, (group) =>
          body.compactString(group).int32(1).compactString('127.0.0.1').int32(port).int16(0).compactString('').tags(),
        )
        .tags()
    },
  }
  const offsetFetch: Api = {
    versions: [8, 8],
    flexibleFrom: 6,
    write: (body) =>
      body
        .int32(0)
        .compactArray(groups, (group) =>
          body
            .compactString(group.group)
            .compactArray(group.topics, (topic) =>
              body
                .compactString(topic)
                .compactArray(partitions, (partition) =>
                  body.int32(partition).int64(1n).int32(-1).compactString('').int16(0).tags(),
                )
                .tags(),
            )
            .int16(0)
            .tags(),
        )
        .tags(),
  }
  const describeGroups: Api = {
    versions: [1, 1],
    flexibleFrom: never,
    write: (body) =>
      body.int32(0).array(groups, ({ group }) =>
        body
          .int16(0)
          .string(group)
          .string('Empty')
          .string('consumer')
          .string('')
          .array([], () => undefined),
      ),
  }
  const listGroups: Api = {
    versions: [2, 2],
    flexibleFrom: never,
    write: (body) =>
      body
        .int32(0)
        .int16(0)
        .array(groups, ({ group }) => body.string(group).string('consumer')),
  }
  for (const [key, api] of [
    [18, apiVersions],
    [3, metadata],
    [2, listOffsets],
    [10, findCoordinator],
    [9, offsetFetch],
    [15, describeGroups],
    [16, listGroups],
  ] as const)
    apis.set(key, api)
  return apis
}
