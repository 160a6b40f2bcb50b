import type { GateLook } from '../../run/events.js'
import type { Run, StepRun } from '../../run/state.js'
import type { AttachedFile } from './message.js'

/** The break-glass packs that a step's gates have kept, for its thread. */
export function packFiles(run: Run, step: StepRun): readonly AttachedFile[] {
  const pack = (phase: 'before' | 'after') => (look: GateLook) =>
    look.gate.startsWith('break-glass') && look.evidence
      ? [
          {
            key: `${run.id}/${step.id}/${look.evidence.slice(0, 16)}`,
            name: `break-glass-${phase}-${step.id}.txt`,
            title: `What finishing or undoing the night by hand takes, ${phase} ${step.id}${step.attempt > 1 ? `, attempt ${step.attempt}` : ''} (${look.evidence.slice(0, 8)})`,
            command: 'floodgate pack',
            of: { kind: 'pack', evidence: look.evidence } as const,
          },
        ]
      : []
  return [...step.think.flatMap(pack('before')), ...step.check.flatMap(pack('after'))]
}

export function reportFiles(run: Run): readonly AttachedFile[] {
  const file = (form: 'markdown' | 'json', end: string, words: string): AttachedFile => ({
    key: `${run.id}/report.${end}`,
    name: `report-${run.id}.${end}`,
    title: `Report of ${run.id}${words}`,
    command: `floodgate report ${run.id}${form === 'json' ? ' json' : ''}`,
    of: { kind: 'report', run: run.id, form },
  })
  return [file('markdown', 'md', ''), file('json', 'json', ', for machines')]
}
