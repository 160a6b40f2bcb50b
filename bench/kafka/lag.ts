import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { repository } from '../../lab/repository.js'
import type { Measured } from '../row.js'
import type { Bench } from '../suites/index.js'
import { printed, seconds, times } from './clock.js'
import type { BenchCluster } from './estate.js'
import { lagSnapshot } from './look.js'
import { pythonWithKafka } from './python.js'
import { groupsOf, type Size } from './size.js'

const groupTool = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'

export async function measureLag(cluster: BenchCluster, size: Size, { runs, progress }: Bench): Promise<Measured[]> {
  const bootstrap = cluster.bootstrap.join(',')
  const groups = groupsOf(size)
  const wanted = size.topics * size.partitions
  const right = (who: string, lag: number) => {
    if (lag !== wanted) throw new Error(`${who} found a lag of ${lag} where it is ${wanted}`)
  }
  const figures = [size.topics, size.partitions, size.groups].map(String)

  let requests = 0
  const kafka = cluster.client(() => requests++)
  right('Floodgate', await lagSnapshot(kafka, groups))
  const warm = async () => {
    requests = 0
    const took = await seconds(async () => right('Floodgate', await lagSnapshot(kafka, groups)))
    return { took, requests }
  }
  const program = fileURLToPath(new URL('snapshot.js', import.meta.url))
  const cold = () =>
    seconds(async () => {
      const { lag } = JSON.parse(await printed(process.execPath, [program, bootstrap, '1', ...figures]))
      right('Floodgate', lag)
    })
  const tool = () =>
    seconds(async () => {
      const args = ['-Xmx256m', '-cp', `${cluster.jars}/*`, groupTool, '--bootstrap-server', bootstrap]
      right('kafka-consumer-groups', lagColumn(await printed('java', [...args, '--all-groups', '--describe'])))
    })
  const python = await pythonWithKafka(progress)
  const script = join(repository(), 'bench/kafka/librdkafka.py')
  const librdkafka = async () => {
    const [took = 0, lag = -1] = (await printed(python, [script, bootstrap, ...figures])).split(' ').map(Number)
    right('librdkafka', lag)
    return took
  }

  // In turns, so that whatever else the machine does meets all of them alike.
  const found = await times(runs, async () => {
    const one = { warm: await warm(), librdkafka: await librdkafka(), cold: await cold(), tool: await tool() }
    progress(
      `lag: warm ${one.warm.took.toFixed(3)} s, librdkafka ${one.librdkafka.toFixed(3)} s, cold ${one.cold.toFixed(3)} s, kafka-consumer-groups ${one.tool.toFixed(3)} s`,
    )
    return one
  })
  await kafka.close()

  const of = `${wanted.toLocaleString('en')} partitions, ${size.groups} groups`
  const java = { name: 'kafka-consumer-groups', values: found.map((one) => one.tool) }
  const admin = { name: 'librdkafka admin', values: found.map((one) => one.librdkafka) }
  const ours = found.map((one) => one.warm.took)
  return [
    { name: `lag of ${of}, warm`, unit: 's', ours, peer: java, ratioGoal: 1 / 20 },
    {
      name: `lag of ${of}, a whole process`,
      unit: 's',
      ours: found.map((one) => one.cold),
      peer: java,
      ratioGoal: 1 / 10,
    },
    { name: `lag of ${of}, both warm`, unit: 's', ours, peer: admin, ratioGoal: 1 / 5 },
    { name: `requests for the lag of ${of}`, unit: 'requests', ours: found.map((one) => one.warm.requests) },
  ]
}

/** The sum of the column LAG. */
function lagColumn(text: string): number {
  let lag = 0
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/)
    if (columns[0]?.startsWith('group-')) lag += Number(columns[5])
  }
  return lag
}
