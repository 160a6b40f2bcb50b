import { z } from 'zod'
import { mirrorFaults, mirrorSettings } from '../proof/mirror-config.js'
import { gate } from './gate.js'
import type { ConnectorSettings, OnConnect } from './reading/clients.js'
import { unlessUnreadable } from './reading/unreadable.js'

interface Versioned {
  version(): Promise<string>
}

const args = z.strictObject({
  /** `latest` declares that history is of no concern. */
  from: z.enum(['earliest', 'latest']).default('earliest'),
  /** `any` declares that aborted records do no harm. */
  isolation: z.enum(['as-apps', 'any']).default('as-apps'),
})

export const mirrorConfig = gate<OnConnect<ConnectorSettings & Versioned>, z.infer<typeof args>>({
  name: 'mirror-config',
  proves:
    'the mirror is set up to bring every topic whole, under its own name, from its beginning and without what was aborted',
  args,
  measure: ({ connect }, declared, look) =>
    unlessUnreadable(async () => {
      const { mirror, topics, apps } = look.migration
      const worker = connect(mirror.url)
      const [settings, version] = await Promise.all([worker.settings(mirror.source, mirrorSettings), worker.version()])
      if (Object.keys(settings).length === 0)
        return {
          verdict: 'failed',
          reason: 'absent',
          text: `There is no connector ${mirror.source}: make it, stopped or paused, and it is looked at before it brings its first record`,
        }
      const readCommitted = apps.filter(({ isolation }) => isolation === 'read_committed').map(({ name }) => name)
      const { faults, notes } = mirrorFaults(
        settings,
        { alias: mirror.alias, topics, readCommitted, version },
        declared,
      )
      const evidence = {
        version,
        settings,
        faults: faults.map(({ reason, text }) => ({ reason, text })),
        notes: [...notes],
      }
      const also = notes.length > 0 ? ` (${notes.join('; ')})` : ''
      const [first] = faults
      if (first)
        return {
          verdict: 'failed',
          reason: first.reason,
          evidence,
          text: `${mirror.source}: ${faults.map(({ text }) => text).join('; ')}${also}`,
        }
      return {
        verdict: 'passed',
        evidence,
        text: `${mirror.source} (MirrorMaker ${version}) brings all ${topics.length} topics under their own names${also}`,
      }
    }),
})
