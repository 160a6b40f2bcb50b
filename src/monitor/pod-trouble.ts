import type { Pod } from '../connect/kubernetes/index.js'

export type PodCause =
  | 'pid-limit'
  | 'memory-limit'
  | 'jvm-memory'
  | 'grace-exceeded'
  | 'evicted'
  | 'killed'
  | 'crashed'
  | 'crash-loop'

/** Why a pod died, told apart by what must be changed: a kill for memory and a lack of PIDs look alike and have opposite remedies. */
export interface PodTrouble {
  readonly cause: PodCause
  readonly pod: string
  /** When its container ended; epoch milliseconds. */
  readonly at: number
  /** What was seen: `exit 137, OOMKilled, limit 512Mi`. */
  readonly seen: string
}

/** Whether this change of a pod is a death that nobody ordered and that `whyDied` should be asked about. */
export function hasDied(before: Pod | undefined, now: Pod): boolean {
  if (isEvicted(now)) return before === undefined || !isEvicted(before)
  const end = now.lastEnd
  if (!end) return false
  if (
    before?.uid === now.uid &&
    before.lastEnd?.at === end.at &&
    before.lastEnd.exitCode === end.exitCode &&
    !beganLooping(before, now)
  )
    return false
  return end.exitCode !== 0 && (now.terminatingSince === undefined || end.exitCode === killed)
}

/** `log`: the last lines of the container that died, as far as they can be read. */
export function whyDied(now: Pod, log: readonly string[]): PodTrouble {
  const end = now.lastEnd
  const limit = now.containers.find(({ name }) => name === end?.container)?.memoryLimit
  const of = (cause: PodCause, more = ''): PodTrouble => ({
    cause,
    pod: now.name,
    at: end?.at ?? now.createdAt,
    seen: [end ? `exit ${end.exitCode}` : '', end?.reason ?? '', more].filter(Boolean).join(', '),
  })
  // First: a JVM that lacks PIDs also says OutOfMemoryError, and whoever gives it more memory for that searches for days.
  const thread = log.findLast((line) => noThread.test(line))
  if (thread) return of('pid-limit', `"${matched(thread, noThread)}"`)
  if (end?.reason === 'OOMKilled')
    return of('memory-limit', limit ? `limit ${limit}` : 'no limit of its own: the node ran out')
  const heap = log.findLast((line) => noMemory.test(line))
  if (heap) return of('jvm-memory', `"${matched(heap, noMemory)}"`)
  if (isEvicted(now)) return of('evicted', now.waiting?.message.slice(0, 120))
  if (end?.exitCode === killed) return of(now.terminatingSince === undefined ? 'killed' : 'grace-exceeded')
  return of(now.restarts >= loopsFrom ? 'crash-loop' : 'crashed')
}

/** These say only how it ended; for the same pod they do not replace a cause that says why. */
export const generic: ReadonlySet<PodCause> = new Set(['killed', 'crashed', 'crash-loop'])

export const remedies: Readonly<Record<PodCause, string>> = {
  'pid-limit':
    'It ran out of PIDs (threads), not of memory: raise the PID limit of the pod (kubelet podPidsLimit, OpenShift KubeletConfig; often 1024) or use fewer threads. More memory will not help.',
  'memory-limit':
    'The kernel killed it at the memory limit of its container: raise resources.limits.memory, or lower the heap (-Xmx, MaxRAMPercentage) so that heap, threads and buffers fit.',
  'jvm-memory':
    'The JVM ran out of its own memory, below the limit of the container: raise -Xmx (or MaxRAMPercentage), or look for a leak.',
  'grace-exceeded':
    'It had not ended when its grace period was over: raise terminationGracePeriodSeconds. What it had read and not committed is read again.',
  evicted: 'Its node threw it out: look at the pressure on the node (memory, disk, PIDs) before going on.',
  killed:
    'It was killed (SIGKILL) without a kill for memory on record: a failed liveness probe, the memory of the whole node, or a person.',
  crashed: 'It ended by itself and was started again: read its log.',
  'crash-loop': 'It ends by itself soon after each start: read its log.',
}

const killed = 137
/** One crash at the start, while something else is not up yet, is common and mends itself. */
const loopsFrom = 3
const noThread =
  /unable to create (?:new )?native thread|pthread_create failed|failed to create new OS thread|can't start new thread|fork: (?:retry: )?Resource temporarily unavailable|Cannot fork/i
const noMemory =
  /OutOfMemoryError: (?:Java heap space|GC overhead limit exceeded|Metaspace|(?:Cannot reserve .* )?[Dd]irect buffer memory)|JavaScript heap out of memory/

const matched = (line: string, pattern: RegExp) => pattern.exec(line)?.[0] ?? ''
const isEvicted = (pod: Pod) => pod.phase === 'Failed' && pod.waiting?.reason === 'Evicted'
const isLooping = (pod: Pod) => pod.waiting?.reason === 'CrashLoopBackOff'
const beganLooping = (before: Pod, now: Pod) => isLooping(now) && !isLooping(before)
