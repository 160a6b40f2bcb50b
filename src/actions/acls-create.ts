import { z } from 'zod'
import type { Migration } from '../config/migration.js'
import { type Acl, aclOperations, aclResources } from '../connect/kafka/types.js'
import type { KafkaUser } from '../connect/kubernetes/kafka-users.js'
import type { OnKafka, ReadsAcls, ReadsUsers } from '../gates/reading/clients.js'
import { missingRights } from '../gates/reading/rights.js'
import { few } from '../gates/reading/say.js'
import { lacking, sayAcl } from '../proof/acls.js'
import { ownedByOperator } from '../proof/users.js'
import { action } from './action.js'
import { PlanError } from './errors.js'

interface Deps extends OnKafka<ReadsAcls> {
  readonly kafka: OnKafka<ReadsAcls>['kafka'] & {
    readonly target: { addAcls(acls: readonly Acl[]): Promise<void>; removeAcls(acls: readonly Acl[]): Promise<void> }
  }
  readonly kafkaUsers: ReadsUsers['kafkaUsers']
}

const args = z.strictObject({})
const aclSchema = z.object({
  resource: z.enum(aclResources),
  name: z.string(),
  pattern: z.enum(['literal', 'prefixed']),
  principal: z.string(),
  host: z.string(),
  operation: z.enum(aclOperations),
  permission: z.enum(['allow', 'deny']),
})
const stateSchema = z.object({ acls: z.array(aclSchema) })

export const aclsCreate = action<Deps, z.infer<typeof args>>({
  name: 'acls-create',
  does: "gives on the target the rights that the source's ACLs give; rights that are there already stay, and those that Strimzi's User Operator owns are its KafkaUsers' to give",
  args,
  async plan(deps, _, { migration }) {
    const { source, target, missing } = await missingRights(deps, migration)
    if (!source || !target || missing.length === 0) return { effects: [] }
    const resources = await deps.kafkaUsers('target')
    if (resources) refuseBehindOperator(missing, resources, migration)
    const principals = [...new Set(missing.map(({ principal }) => principal))]
    return {
      effects: principals.map((principal) => {
        const acls = missing.filter((acl) => acl.principal === principal)
        return {
          id: `acls-create target/${principal}`,
          action: 'acls-create',
          target: `target/user/${principal}`,
          before: { acls: [] },
          after: { acls: acls.map((acl) => ({ ...acl })) },
          on: {},
          text: acls.map(sayAcl).join(', '),
        }
      }),
    }
  },
  async perform({ kafka }, effect, { stillMine }) {
    const [before, after] = [stateSchema.parse(effect.before).acls, stateSchema.parse(effect.after).acls]
    const there = (await kafka.target.acls()) ?? []
    const add = lacking(after, there)
    const absent = new Set(lacking(before, there).map(sayAcl))
    const remove = lacking(before, after).filter((acl) => !absent.has(sayAcl(acl)))
    await stillMine()
    if (add.length > 0) await kafka.target.addAcls(add)
    if (remove.length > 0) await kafka.target.removeAcls(remove)
    if (add.length + remove.length === 0) return { text: 'was so already' }
    return { text: add.length > 0 ? `gave ${add.length} rights` : `took ${remove.length} rights back` }
  },
})

/** It takes away, within minutes, every right of a user whom no KafkaUser gives it (KafkaUserOperator.getAllUsers). */
function refuseBehindOperator(
  missing: readonly Acl[],
  resources: readonly KafkaUser[],
  { sides: { target } }: Migration,
): void {
  const owned = missing.filter(ownedByOperator)
  if (owned.length === 0) return
  const each = [...new Set(owned.map(({ principal }) => principal))].sort().map((principal) => {
    const known = resources.find((one) => one.principal === principal)
    const which = known ? `KafkaUser ${known.name}` : `a new KafkaUser ${principal.replace(/^User:(CN=)?/, '')}`
    const rights = owned.filter((acl) => acl.principal === principal).map(sayAcl)
    return `${which} (${few(rights, 5)})`
  })
  throw new PlanError(
    'operator-owns',
    `On the target Strimzi's User Operator owns users and rights, and would take away what is given past it. Write into namespace ${target.kafkaUsers?.namespace}, apply and try again: ${few(each, 10)}.`,
  )
}
