import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './errors.js'

/** The file behind a name of `script/lab status`: a process, or a pod by its name or its app's, the newest one first. */
export function logFileOf(folder: string, name: string): string {
  const ofProcess = join(folder, 'logs', `${name}.log`)
  if (existsSync(ofProcess)) return ofProcess
  const [ofPod] = podLogs(folder)
    .filter(({ pod }) => pod === name || pod.startsWith(`${name}-`))
    .sort((a, b) => statSync(b.file).mtimeMs - statSync(a.file).mtimeMs)
  if (ofPod) return ofPod.file
  const names = [
    ...readdirSync(join(folder, 'logs')).map((log) => log.replace(/\.log$/, '')),
    ...podLogs(folder).map(({ pod }) => pod),
  ]
  throw new LabError('wrong-option', `There is no log of ${name}; there is: ${[...new Set(names)].join(', ')}`)
}

/** As a kubelet lays them out: `pods/NAMESPACE_POD_UID/CONTAINER/RESTARTS.log`. */
function podLogs(folder: string): { pod: string; file: string }[] {
  const pods = join(folder, 'pods')
  if (!existsSync(pods)) return []
  return readdirSync(pods, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.log'))
    .map((path) => ({ pod: path.split('_')[1] ?? path, file: join(pods, path) }))
}
