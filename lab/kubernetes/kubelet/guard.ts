import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Part } from '../../types.js'

/** Ends process groups of pods when this process dies, however it dies: also the children of children. */
export interface Guard extends Part {
  watch(group: number): void
  release(group: number): void
}

/** Learns of groups by its standard input; when that ends, kills those that are left. */
const script = `
groups=
while read -r verb group; do
  case $verb in
    watch) groups="$groups $group " ;;
    release) groups=$(printf %s "$groups" | sed "s/ $group / /") ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done`

export function startGuard(): Guard {
  // In a session of its own, so that Ctrl-C at the terminal does not reach it before its work is done.
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  // A guard that was itself killed guards no more; the pods' own processes still end with this one.
  child.stdin.on('error', () => undefined)
  const exit = once(child, 'exit')
  return {
    watch: (group) => void child.stdin.write(`watch ${group}\n`),
    release: (group) => void child.stdin.write(`release ${group}\n`),
    async stop() {
      child.stdin.end()
      await exit
    },
  }
}
