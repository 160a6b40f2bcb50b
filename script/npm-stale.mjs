// Exits 0 when node_modules differs from what package-lock.json asks for, and has to be installed anew.
import { readFileSync } from 'node:fs'

const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages

function isStale() {
  try {
    const installed = packagesIn('node_modules/.package-lock.json')
    return Object.entries(packagesIn('package-lock.json')).some(
      ([path, { version, optional }]) => path !== '' && !optional && installed[path]?.version !== version,
    )
  } catch {
    return true
  }
}

process.exit(isStale() ? 0 : 1)
