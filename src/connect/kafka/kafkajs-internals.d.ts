// What this room uses of kafkajs 2.2.4 below its public interface, and of the codecs that ship no types. The version is
// pinned in package.json because none of it is promised.

declare module 'kafkajs/src/loggers/index.js' {
  interface Logger {
    readonly namespace: (name: string) => Logger
  }
  const loggers: {
    LEVELS: { NOTHING: number }
    createLogger(options: { level: number; logCreator: (level: number) => () => void }): Logger
  }
  export default loggers
}

declare module 'kafkajs/src/network/socketFactory.js' {
  const createSocketFactory: () => unknown
  export default createSocketFactory
}

declare module 'kafkajs/src/network/connectionPool.js' {
  interface Call<Decoded, T> {
    request: {
      apiKey: number
      apiVersion: number
      apiName: string
      encode(): Promise<{ buf: Buffer; buffer: Buffer; size(): number }>
    }
    /** It looks into what was decoded for `clientSideThrottleTime`, so that must be an object. */
    response: { decode(payload: Buffer): Promise<Decoded>; parse(decoded: Decoded): Promise<T> }
    requestTimeout?: number
    logResponseError?: boolean
  }
  class ConnectionPool {
    constructor(options: {
      host: string
      port: number
      clientId: string
      ssl: unknown
      sasl: unknown
      socketFactory: unknown
      connectionTimeout: number
      requestTimeout: number
      enforceRequestTimeout: boolean
      maxInFlightRequests: number | null
      reauthenticationThreshold: number
      logger: import('kafkajs/src/loggers/index.js').Logger
    })
    getConnection(index: number): Promise<{ isConnected(): boolean }>
    send<Decoded extends object, T>(call: Call<Decoded, T>): Promise<T>
  }
  export default ConnectionPool
}

declare module 'kafkajs/src/broker/index.js' {
  class Broker {
    constructor(options: {
      connectionPool: import('kafkajs/src/network/connectionPool.js').default
      logger: import('kafkajs/src/loggers/index.js').Logger
      authenticationTimeout: number
    })
    readonly connectionPool: import('kafkajs/src/network/connectionPool.js').default
    /** By API key, what the broker said it speaks; null before the first connection. */
    readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>> | null
    isConnected(): boolean
    connect(): Promise<void>
    disconnect(): Promise<void>
  }
  export default Broker
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C/index.js' {
  const crc32c: (bytes: Buffer) => number
  export default crc32c
}

declare module 'kafkajs/src/producer/partitioners/default/murmur2.js' {
  const murmur2: (key: Buffer) => number
  export default murmur2
}

declare module 'snappyjs' {
  const snappy: { uncompress(bytes: Uint8Array): Uint8Array; compress(bytes: Uint8Array): Uint8Array }
  export default snappy
}

declare module 'lz4js' {
  const lz4: { decompress(bytes: Uint8Array): Uint8Array; compress(bytes: Uint8Array): Uint8Array }
  export default lz4
}
