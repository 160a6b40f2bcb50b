import { z } from 'zod'
import { groupsOf } from '../proof/consumption.js'
import { goesOnPaused, meddles, meddlingSettings } from '../proof/mirror-alone.js'
import { isOlder } from '../proof/versions.js'
import { gate, type Look } from './gate.js'
import type { ConnectorSettings, Connectors, OnConnect } from './reading/clients.js'
import { isAtRest } from './reading/connector.js'
import { count } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

interface Lists {
  connectors(): Promise<readonly string[]>
  version(): Promise<string>
}

/** Before it Kafka Connect only pauses a connector (KIP-875). */
const stopsSince = '3.5'

const args = z.strictObject({})

export const mirrorAlone = gate<OnConnect<Connectors & ConnectorSettings & Lists>, z.infer<typeof args>>({
  name: 'mirror-alone',
  proves:
    'no other connector beside the mirror brings the same topics or moves the same groups, and the mirror itself moves none once it is at rest',
  args,
  measure: ({ connect }, _, look) =>
    unlessUnreadable(async () => {
      const { mirror, topics, apps } = look.migration
      const worker = connect(mirror.url)
      const others = (await worker.connectors()).filter((name) => name !== mirror.source && name !== mirror.checkpoint)
      const flow = { topics, groups: groupsOf(apps).map(({ group }) => group) }
      const found = await Promise.all(
        others.map(async (connector) => {
          const [status, settings] = await Promise.all([
            worker.status(connector),
            worker.settings(connector, meddlingSettings),
          ])
          const atRest = isAtRest(status) && !(status?.tasks.length && goesOnPaused(settings))
          return atRest ? null : meddles({ connector, settings }, flow)
        }),
      )
      const why = [...found, await ownAfterPause(worker, look)].filter((one) => one !== null)
      if (why.length > 0) return { verdict: 'failed', reason: 'meddling', evidence: { why }, text: why.join('; ') }
      return {
        verdict: 'passed',
        text: `None of ${count(others.length, 'other connector')} brings these topics or moves these groups`,
      }
    }),
})

/** Why the mirror's own checkpoint connector would move groups after `checkpoints-stop`; null: it would not. */
async function ownAfterPause(worker: ConnectorSettings & Lists, { migration }: Look): Promise<string | null> {
  const { checkpoint, resource } = migration.mirror
  if (!checkpoint || !goesOnPaused(await worker.settings(checkpoint, meddlingSettings))) return null
  const onlyPauses = resource ? resource.stop === 'paused' : isOlder(await worker.version(), stopsSince)
  return onlyPauses
    ? `${checkpoint} can only be paused, and goes on moving groups on the target while it is: set its sync.group.offsets.enabled to false; the groups are put at the waterline without it`
    : null
}
