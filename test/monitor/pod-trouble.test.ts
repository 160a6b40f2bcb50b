import { describe, expect, it } from '@jest/globals'
import type { Pod } from '../../src/connect/kubernetes/index.js'
import { wantedAlerts } from '../../src/monitor/alerts.js'
import type { GroupLag } from '../../src/monitor/lag.js'
import { hasDied, type PodCause, whyDied } from '../../src/monitor/pod-trouble.js'

const pod = (more: Partial<Pod> = {}): Pod => ({
  name: 'checkout-1',
  uid: 'u1',
  labels: {},
  phase: 'Running',
  ready: true,
  createdAt: 0,
  restarts: 0,
  containers: [{ name: 'app', memoryLimit: '512Mi' }],
  ...more,
})
const end = (exitCode: number, reason = 'Error', at = 1000) => ({ container: 'app', reason, exitCode, at })
const jvmThreads =
  'java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process/resource limits reached'

describe('why a pod died', () => {
  it.each<[string, Partial<Pod>, string[], PodCause, RegExp]>([
    [
      'the kernel at the memory limit',
      { lastEnd: end(137, 'OOMKilled') },
      ['working'],
      'memory-limit',
      /OOMKilled, limit 512Mi/,
    ],
    [
      'no limit of its own',
      { lastEnd: end(137, 'OOMKilled'), containers: [{ name: 'app' }] },
      [],
      'memory-limit',
      /node ran out/,
    ],
    [
      'the PID limit, which a JVM calls OutOfMemoryError',
      { lastEnd: end(1) },
      ['x', jvmThreads, 'at Thread.start0'],
      'pid-limit',
      /native thread/,
    ],
    [
      'the PID limit, though memory went too',
      { lastEnd: end(137, 'OOMKilled') },
      [jvmThreads],
      'pid-limit',
      /native thread/,
    ],
    [
      'the PID limit of a Go program',
      { lastEnd: end(2) },
      ['runtime: failed to create new OS thread (have 9 already; errno=11)'],
      'pid-limit',
      /OS thread/,
    ],
    [
      'the heap of a JVM',
      { lastEnd: end(3) },
      ['java.lang.OutOfMemoryError: Java heap space'],
      'jvm-memory',
      /Java heap space/,
    ],
    [
      'the heap of Node',
      { lastEnd: end(134) },
      ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
      'jvm-memory',
      /heap out of memory/,
    ],
    [
      'SIGKILL at the end of the grace period',
      { lastEnd: end(137), terminatingSince: 500 },
      [],
      'grace-exceeded',
      /exit 137/,
    ],
    ['SIGKILL by somebody', { lastEnd: end(137) }, [], 'killed', /exit 137/],
    [
      'its node',
      { phase: 'Failed', waiting: { reason: 'Evicted', message: 'low on memory' } },
      [],
      'evicted',
      /low on memory/,
    ],
    ['itself, once', { lastEnd: end(1), restarts: 1 }, ['boom'], 'crashed', /exit 1, Error/],
    ['itself, again and again', { lastEnd: end(1), restarts: 3 }, ['boom'], 'crash-loop', /exit 1, Error/],
  ])('%s', (_, more, log, cause, seen) => {
    const why = whyDied(pod(more), log)
    expect(why.cause).toBe(cause)
    expect(why.seen).toMatch(seen)
  })
})

describe('whether a pod died', () => {
  const once = pod({ lastEnd: end(1), restarts: 1 })
  it.each<[string, Pod | undefined, Pod, boolean]>([
    ['a new end', pod(), once, true],
    ['the same end seen again', once, pod({ ...once, ready: false }), false],
    ['the second end', once, pod({ lastEnd: end(1, 'Error', 2000), restarts: 2 }), true],
    ['it begins to loop', once, pod({ ...once, waiting: { reason: 'CrashLoopBackOff', message: '' } }), true],
    ['it ended well', pod(), pod({ lastEnd: end(0, 'Completed') }), false],
    ['it was told to go and went', pod(), pod({ lastEnd: end(143), terminatingSince: 900 }), false],
    ['it was told to go and had to be killed', pod(), pod({ lastEnd: end(137), terminatingSince: 900 }), true],
    ['another pod of the same name', once, pod({ ...once, uid: 'u2' }), true],
    ['evicted', pod(), pod({ phase: 'Failed', waiting: { reason: 'Evicted', message: '' } }), true],
  ])('%s: %#', (_, before, now, died) => {
    expect(hasDied(before, now)).toBe(died)
  })
})

describe('alerts', () => {
  const lag = (state: GroupLag['state'], records: bigint): GroupLag => {
    const worst = { topic: 'orders', partition: 3, state, rule: 5, lag: records, lagMs: null }
    return { group: 'billing', state, lag: records, lagMs: null, worst, partitions: [worst] }
  }
  const observed = (more: object) => [{ side: 'source' as const, groups: [], pods: [], blind: [], ...more }]

  it('makes one alert of many pods that died of one cause, with the count and the newest names', () => {
    const pods = [1, 2, 3, 4, 5].map((i) => ({ cause: 'pid-limit' as const, pod: `pay-${i}`, at: i, seen: `end ${i}` }))
    const alerts = wantedAlerts(observed({ pods }))
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatchObject({
      cause: 'pods/source/pid-limit',
      severity: 'critical',
      title: '5 pods out of PIDs',
    })
    expect(alerts[0]?.text).toBe(
      'On the source: 5 pods, pay-5, pay-4, pay-3 and 2 more out of PIDs (end 5). It ran out of PIDs (threads), not of memory: raise the PID limit of the pod (kubelet podPidsLimit, OpenShift KubeletConfig; often 1024) or use fewer threads. More memory will not help.',
    )
  })

  it('keeps its words while only the figures move, so that the log is not filled', () => {
    const at = (records: bigint) => wantedAlerts(observed({ groups: [lag('stalled', records)] }))[0]?.text
    expect(at(12_345n)).toBe(at(13_900n))
    expect(at(12_345n)).toContain('about 10,000 records')
    expect(at(12_345n)).not.toBe(at(45_000n))
  })

  it('has nothing to say of a group that is well', () => {
    expect(wantedAlerts(observed({ groups: [lag('ok', 5n)] }))).toEqual([])
  })

  it('keeps the identity of a group however its state changes', () => {
    const cause = (state: GroupLag['state']) => wantedAlerts(observed({ groups: [lag(state, 5000n)] }))[0]?.cause
    expect(cause('stalled')).toBe('lag/source/billing')
    expect(cause('stopped')).toBe(cause('stalled'))
  })

  it('says when it is blind', () => {
    const alerts = wantedAlerts(observed({ blind: [{ to: 'pods', why: 'watch pods: not allowed.' }] }))
    expect(alerts[0]).toMatchObject({ cause: 'blind/source/pods', severity: 'warning' })
  })
})
