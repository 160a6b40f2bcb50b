import type { KafkaVersion, Progress } from '../types.js'
import { kafkaJars } from './artefacts.js'
import { recordClasses } from './classes.js'
import type { Jars } from './java.js'

/** Fetches a version and readies it for quick starts; whoever asks for the same one meanwhile gets the same. */
export function createPrepared(progress: Progress): (version: KafkaVersion) => Promise<Jars> {
  const preparing = new Map<KafkaVersion, Promise<Jars>>()
  const prepare = async (version: KafkaVersion): Promise<Jars> => {
    const folder = await kafkaJars(version, progress)
    await recordClasses(version, folder, progress)
    return { folder, recording: false }
  }
  return (version) => {
    const jars = preparing.get(version) ?? prepare(version)
    preparing.set(version, jars)
    return jars
  }
}
