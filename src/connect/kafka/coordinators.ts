import type { Connections } from './connections.js'
import { answered, isPassing, KafkaError } from './errors.js'
import { append } from './maps.js'
import type { Metadata } from './metadata.js'
import { untilDone } from './patience.js'
import type { Call } from './requests/call.js'
import { type FoundCoordinator, findCoordinator, findCoordinators } from './requests/offsets.js'

/** What one group's coordinator said of it. */
export interface OfGroup {
  readonly group: string
}

/** Sends what concerns groups to the brokers that coordinate them, and looks again when that has moved. */
export interface Coordinators {
  /**
   * Of every group one answer. `calls` are those for the groups of one broker, by the newest version of the API that it speaks: one for
   * all where the protocol can. `errorsIn` names the protocol errors in an answer: passing ones are tried again, others thrown.
   */
  ask<A extends OfGroup>(
    groups: readonly string[],
    apiKey: number,
    calls: (groups: readonly string[], newest: number) => readonly Call<readonly A[]>[],
    errorsIn: (answer: A) => readonly number[],
  ): Promise<ReadonlyMap<string, A>>
}

const findCoordinatorKey = 10
/** KIP-699, Kafka 3.0: many groups in one request. */
const manyAtOnceSince = 4

export function createCoordinators(
  connections: Connections,
  metadata: Metadata,
  withinMs: number,
  now: () => number,
): Coordinators {
  const known = new Map<string, string>()

  return {
    async ask<A extends OfGroup>(
      groups: readonly string[],
      apiKey: number,
      calls: (groups: readonly string[], newest: number) => readonly Call<readonly A[]>[],
      errorsIn: (answer: A) => readonly number[],
    ) {
      const answers = new Map<string, A>()
      await untilDone(withinMs, now, async () => {
        let passing = await locate(groups.filter((group) => !known.has(group)))
        const byAddress = new Map<string, string[]>()
        for (const group of groups) {
          const address = known.get(group)
          if (address && !answers.has(group)) append(byAddress, address, group)
        }
        await Promise.all(
          [...byAddress].map(async ([address, of]) => {
            passing = (await askOne(address, of)) ?? passing
          }),
        )
        return passing
      })
      return answers

      async function askOne(address: string, of: readonly string[]): Promise<KafkaError | undefined> {
        let passing: KafkaError | undefined
        const forget = () => of.forEach((group) => void known.delete(group))
        const newest = await connections.newest(address, apiKey).catch((error: unknown) => {
          forget()
          throw error
        })
        await Promise.all(
          calls(of, newest).map(async (call) => {
            const got = await connections.send(address, call).catch((error: unknown) => {
              forget()
              throw error
            })
            for (const answer of got) {
              const errors = errorsIn(answer).filter((error) => error !== 0)
              const what = `${call.name} of group ${answer.group}`
              const fatal = errors.find((error) => !isPassing(error))
              if (fatal !== undefined) throw answered(fatal, what)
              if (errors[0] === undefined) answers.set(answer.group, answer)
              else {
                known.delete(answer.group)
                passing = answered(errors[0], what)
              }
            }
          }),
        )
        const silent = of.find((group) => known.has(group) && !answers.has(group))
        if (silent !== undefined) throw new KafkaError('protocol', `Broker ${address} said nothing of group ${silent}`)
        return passing
      }
    },
  }

  /** Learns who coordinates these groups; says what could not be learnt yet. */
  async function locate(groups: readonly string[]): Promise<KafkaError | undefined> {
    if (groups.length === 0) return undefined
    const address = await metadata.anyAddress()
    const many = (await connections.newest(address, findCoordinatorKey)) >= manyAtOnceSince
    const calls = many ? [findCoordinators(groups)] : groups.map(findCoordinator)
    const found = (await Promise.all(calls.map((call) => connections.send(address, call)))).flat()
    let passing: KafkaError | undefined
    for (const one of found) passing = take(one) ?? passing
    return passing
  }

  function take({ group, error, address }: FoundCoordinator): KafkaError | undefined {
    if (!error) {
      known.set(group, address)
      return undefined
    }
    const failure = answered(error, `The coordinator of group ${group}`)
    if (isPassing(error))
      return new KafkaError('not-coordinated', `${failure.message}; the offsets topic may have no leader`)
    throw failure
  }
}
