import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where what is fetched or built once lies, outside of the repository. */
export function cacheFolder(env: NodeJS.ProcessEnv, ...below: string[]): string {
  const root = env.FLOODGATE_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'floodgate')
  return join(root, ...below)
}
