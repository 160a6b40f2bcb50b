// Adds up what jest wrote into a folder, and says it in one last line. A suite that did not load, or a run that left no verdict
// (NAME.failed), is a failure; so is that nothing ran at all.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const files = readdirSync(folder)
let passed = 0
let failed = 0
const complaints = []
for (const file of files.filter((name) => name.endsWith('.json'))) {
  const run = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  passed += run.numPassedTests
  failed += run.numFailedTests + run.numRuntimeErrorTestSuites
  for (const suite of run.testResults) {
    if (suite.status === 'failed' && suite.assertionResults.length === 0) complaints.push(`did not load: ${suite.name}`)
    for (const test of suite.assertionResults) {
      if (test.status === 'failed') complaints.push(test.fullName)
      if (test.status === 'pending') console.log(`test: skipped: ${test.fullName}`)
    }
  }
}
for (const file of files.filter((name) => name.endsWith('.failed'))) {
  failed += 1
  complaints.push(`without a verdict: ${file.replace(/\.failed$/, '')}`)
}
for (const complaint of complaints) console.log(`test: failed: ${complaint}`)
if (passed + failed === 0) console.log('test: no test ran')
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
