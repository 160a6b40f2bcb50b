import { writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import { apps, topics } from './shop/estate.js'
import type { LabDescription, Side } from './types.js'

/** Writes the shop's migration.yaml as a team would: who runs where, what is mirrored, who may approve. */
export async function writeMigration(lab: LabDescription): Promise<void> {
  await writeFile(lab.migration, stringify(migrationOf(lab)))
}

function migrationOf(lab: LabDescription) {
  const side = (name: Side) => ({
    kafka: { bootstrap: lab.kafka[name].bootstrap },
    kubernetes: { context: lab.kubernetes.contexts[name], namespace: lab.kubernetes.namespaces[name] },
  })
  const people = lab.slack.people.map(({ id, name, groups }) => ({ name: firstName(name), slack: id, groups }))
  const inGroup = (group: string) => people.filter(({ groups }) => groups.includes(group)).map(({ name }) => name)
  return {
    migration: 'shop',
    channel: lab.slack.channel,
    sides: { source: side('source'), target: side('target') },
    mirror: { url: lab.connect.target, source: lab.mirror.source, checkpoint: lab.mirror.checkpoint },
    valve: {
      kind: 'connect',
      source: { url: lab.connect.source, connector: lab.valve.connector },
      target: { url: lab.connect.target, connector: lab.valve.connector },
      topics: [lab.valve.topic],
      rewindable: true, // it reads a file
    },
    topics: [...topics],
    // The consumers have an owner; whoever is in the role owners answers for the others.
    apps: apps.map(({ name, tier, reads, writes }) => ({
      name,
      tier,
      workload: `Deployment/${name}`,
      ...(reads.length > 0 && { group: name, consumes: [...reads], isolation: 'read_committed' }),
      ...(writes.length > 0 && { produces: [...writes] }),
      ...(tier === 'downstream' && { owner: inGroup('owners')[0] }),
    })),
    people: people.map(({ name, slack }) => ({ name, slack, cluster: name })),
    roles: { operators: { people: inGroup('operators') }, owners: { people: inGroup('owners') } },
    policies: { operators: { role: 'operators' } },
    // Short, for a lab in which minutes stand for hours.
    alerts: { lag: { records: 200, stalled: '20s' }, sample: '1s' },
  }
}

/** `Alice Ops` is alice in migration.yaml and on the cluster. */
function firstName(name: string): string {
  return name.split(' ')[0]?.toLowerCase() ?? name
}
