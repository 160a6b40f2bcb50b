import { mkdir } from 'node:fs/promises'
import type { Estate } from './estate.js'
import { startSlack } from './slack/index.js'
import { createStarted } from './started.js'
import type { LabOptions, Progress, SlackDescription } from './types.js'

export type Lab = Estate

/**
 * Starts the whole lab: first Slack, whose page somebody may be waiting for (`onSlack`), then the estate. Resolves when the
 * shop runs on the source, its history was processed, and the mirror is on; rejects with nothing left running.
 */
export async function upLab(
  options: LabOptions,
  progress: Progress,
  onSlack: (slack: SlackDescription) => void = () => {},
): Promise<Lab> {
  await mkdir(options.folder, { recursive: true })
  const started = createStarted()
  try {
    const slack = started.keep(await startSlack({}, progress))
    onSlack(slack.description)
    // Loaded only now: to load the clients of Kafka and Kubernetes takes longer than to have the page up.
    const { startEstate } = await import('./estate.js')
    const estate = await startEstate(options, slack.description, progress)
    const stop = async () => {
      await estate.stop()
      await slack.stop()
    }
    return { ...estate, stop }
  } catch (error) {
    await started.stop()
    throw error
  }
}
