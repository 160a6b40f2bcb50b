import pLimit from 'p-limit'
import { z } from 'zod'
import { sides, tiers } from '../config/migration.js'
import { gate } from './gate.js'
import { count, few } from './reading/say.js'
import { redact } from './redact.js'
import { alive, appsSeen, type ReadsLogs, type SeesWorkloads } from './workloads.js'

const pattern = z.string().refine(compiles, 'expected a regular expression')
const args = z.strictObject({
  side: z.enum(sides),
  tier: z.enum(tiers).optional(),
  lines: z.int().min(1).max(5000).default(200).describe('how many of the last lines of each pod are read'),
  bad: z
    .array(pattern)
    .min(1)
    .default(['\\b(ERROR|FATAL|SEVERE)\\b', '\\w+(Exception|Error)\\b', '"level":\\s*"?(error|fatal|50|60)\\b']),
  harmless: z.array(pattern).default([]).describe('lines that match one of these do not count'),
})

export const logsClean = gate<SeesWorkloads & ReadsLogs, z.infer<typeof args>>({
  name: 'logs-clean',
  proves: 'no pod of a side has written an error since the phase began',
  args,
  async measure(deps, { side, tier, lines, bad, harmless }, { migration, now, since }) {
    const badly = bad.map((text) => new RegExp(text))
    const harmlessly = harmless.map((text) => new RegExp(text))
    const isBad = (line: string) => badly.some((one) => one.test(line)) && !harmlessly.some((one) => one.test(line))
    const sinceSeconds = Math.max(1, Math.ceil((now - since) / 1000))
    const pods = (await appsSeen(deps, migration, side, tier)).flatMap((one) => alive(one))
    const limit = pLimit(8)
    const found = await Promise.all(
      pods.map((pod) =>
        limit(async () => {
          const errors = (await deps.workloads[side].logs(pod.name, { tailLines: lines, sinceSeconds })).filter(isBad)
          return { pod: pod.name, errors: errors.length, last: redact(errors.at(-1) ?? '') }
        }),
      ),
    )
    const dirty = found.filter(({ errors }) => errors > 0).sort((a, b) => b.errors - a.errors)
    const worst = dirty[0]
    if (!worst)
      return {
        verdict: 'passed',
        text: `The logs of ${count(pods.length, 'pod')} on the ${side} show no error since this phase began.`,
      }
    const names = dirty.map(({ pod, errors }) => `${pod} (${errors})`)
    return {
      verdict: 'failed',
      reason: 'errors',
      evidence: dirty,
      text: `${count(dirty.length, 'pod')} of ${pods.length} on the ${side} wrote errors: ${few(names)}. ${worst.pod} last: ${worst.last}`,
    }
  },
})

function compiles(text: string): boolean {
  try {
    return Boolean(new RegExp(text))
  } catch {
    return false
  }
}
