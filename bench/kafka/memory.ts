import { fileURLToPath } from 'node:url'
import type { Measured } from '../row.js'
import type { Bench } from '../suites/index.js'
import { printed, times } from './clock.js'
import { simulatedBroker } from './simulated.js'
import type { Size } from './size.js'

const snapshots = 5

/** The most memory that a process has which samples all groups, on a real cluster or on one simulated at the protocol level. */
export async function measureMemory(
  size: Size,
  bootstrap: string | 'simulated',
  { runs, progress }: Bench,
): Promise<Measured[]> {
  const program = fileURLToPath(new URL('snapshot.js', import.meta.url))
  const broker = bootstrap === 'simulated' ? await simulatedBroker(size) : undefined
  const partitions = size.topics * size.partitions
  try {
    const mebibytes = await times(runs, async () => {
      const figures = [snapshots, size.topics, size.partitions, size.groups].map(String)
      const text = await printed(process.execPath, [program, broker?.address ?? bootstrap, ...figures])
      const found = JSON.parse(text) as { lag: number; mebibytes: number }
      if (found.lag !== partitions) throw new Error(`a lag of ${found.lag} was found where it is ${partitions}`)
      return found.mebibytes
    })
    const where = broker ? `${partitions.toLocaleString('en')} simulated` : partitions.toLocaleString('en')
    progress(`memory, ${where} partitions: ${mebibytes.map((one) => one.toFixed(0))} MiB`)
    return [{ name: `memory of ${snapshots} snapshots, ${where} partitions`, unit: 'MiB', ours: mebibytes, goal: 512 }]
  } finally {
    await broker?.stop()
  }
}
