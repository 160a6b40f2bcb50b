import Broker from 'kafkajs/src/broker/index.js'
import loggers from 'kafkajs/src/loggers/index.js'
import ConnectionPool from 'kafkajs/src/network/connectionPool.js'
import createSocketFactory from 'kafkajs/src/network/socketFactory.js'
import { Reader, Writer } from './bytes.js'
import { KafkaError } from './errors.js'
import type { Call } from './requests/call.js'
import type { KafkaConfig } from './types.js'

/** The brokers of one cluster, each connected when first needed, again after it was lost, and once at a time. */
export interface Connections {
  /** One exchange with the broker at an address (host:port). */
  send<T>(address: string, call: Call<T>): Promise<T>
  /** The newest version of an API that the broker speaks; 0 when it does not know it. */
  newest(address: string, apiKey: number): Promise<number>
  close(): Promise<void>
}

const connectWithinMs = 3000
const fetchKey = 1

export function createConnections(config: KafkaConfig): Connections {
  // kafkajs logs whole errors, and the caller logs what it makes of them: one voice is enough.
  const logger = loggers.createLogger({ level: loggers.LEVELS.NOTHING, logCreator: () => () => undefined })
  const socketFactory = createSocketFactory()
  const brokers = new Map<string, Broker>()
  const connecting = new Map<string, Promise<void>>()

  const brokerAt = (address: string): Broker => {
    const known = brokers.get(address)
    if (known) return known
    const [host, port] = splitAddress(address)
    const connectionPool = new ConnectionPool({
      host,
      port,
      clientId: config.clientId,
      ssl: config.ssl ?? null,
      sasl: config.sasl ?? null,
      socketFactory,
      connectionTimeout: connectWithinMs,
      requestTimeout: config.requestWithinMs ?? 5000,
      enforceRequestTimeout: true,
      maxInFlightRequests: null,
      reauthenticationThreshold: 10_000,
      logger,
    })
    const broker = new Broker({ connectionPool, logger, authenticationTimeout: connectWithinMs })
    brokers.set(address, broker)
    return broker
  }

  // kafkajs opens a second socket when two requests find the same connection closed, so whoever comes second waits.
  const connected = async (address: string, channel: 0 | 1): Promise<Broker> => {
    const broker = brokerAt(address)
    const key = `${address}/${channel}`
    const running = connecting.get(key)
    const attempt =
      running ??
      (async () => {
        await broker.connect()
        await broker.connectionPool.getConnection(channel)
      })().finally(() => connecting.delete(key))
    if (!running) connecting.set(key, attempt)
    await attempt
    return broker
  }

  return {
    async send(address, call) {
      try {
        const broker = await connected(address, call.apiKey === fetchKey ? 1 : 0)
        config.onRequest?.(call.name)
        return await broker.connectionPool.send({
          request: {
            apiKey: call.apiKey,
            apiVersion: call.apiVersion,
            apiName: call.name,
            encode: async () => encoded(call),
          },
          // kafkajs looks into what was decoded for a throttle time: an answer may also be nothing, as that no controller is known yet.
          response: {
            decode: async (payload) => ({ answer: decoded(call, payload) }),
            parse: async ({ answer }) => answer,
          },
          requestTimeout: (config.requestWithinMs ?? 5000) + (call.heldMs ?? 0),
          logResponseError: false,
        })
      } catch (error) {
        throw asKafkaError(error, address, call.name)
      }
    },
    async newest(address, apiKey) {
      try {
        const broker = await connected(address, 0)
        return broker.versions?.[apiKey]?.maxVersion ?? 0
      } catch (error) {
        throw asKafkaError(error, address, 'ApiVersions')
      }
    },
    async close() {
      await Promise.all([...brokers.values()].map((broker) => broker.disconnect()))
      brokers.clear()
    },
  }
}

function encoded<T>(call: Call<T>) {
  const body = new Writer()
  if (call.flexible) body.tags()
  call.write(body)
  const bytes = body.bytes()
  return { buf: bytes, buffer: bytes, size: () => bytes.length }
}

function decoded<T>(call: Call<T>, payload: Buffer): T {
  const body = new Reader(payload)
  if (call.flexible) body.tags()
  return call.read(body)
}

function splitAddress(address: string): [host: string, port: number] {
  const colon = address.lastIndexOf(':')
  return [address.slice(0, colon), Number(address.slice(colon + 1))]
}

function asKafkaError(error: unknown, address: string, what: string): KafkaError {
  if (error instanceof KafkaError) return error
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) }
  const cause = { cause: error }
  if (name === 'KafkaJSRequestTimeoutError' || name === 'KafkaJSLockTimeout')
    return new KafkaError(
      'timed-out',
      `${what}: broker ${address} did not answer in time. See whether it is paused or overloaded`,
      cause,
    )
  if (name === 'KafkaJSSASLAuthenticationError')
    return new KafkaError(
      'refused',
      `Broker ${address} refused the login. Check the user, the mechanism and the variable that holds the password`,
    )
  if (name.startsWith('KafkaJSConnection'))
    return new KafkaError(
      'unreachable',
      `Broker ${address} cannot be reached (${message}). Check the address, the network and whether it runs`,
      cause,
    )
  return new KafkaError('protocol', `${what}: the answer of broker ${address} could not be used (${message})`, cause)
}
