import { createClient, type SlackTokens } from '../client.js'

const withinMs = 1500

/** Reads the people of a user group by its id or its handle; Slack has user groups in paid plans only. */
export function createGroupReader(tokens: SlackTokens): (group: string) => Promise<readonly string[]> {
  const client = createClient(tokens, withinMs)
  const idOf = async (handle: string): Promise<string> => {
    const { usergroups = [] } = await client.usergroups.list({})
    const id = usergroups.find((group) => group.handle === handle)?.id
    if (!id) throw new Error(`there is no user group with the handle ${handle}`)
    return id
  }
  return async (group) => {
    const usergroup = /^S[A-Z0-9]+$/.test(group) ? group : await idOf(group)
    return (await client.usergroups.users.list({ usergroup })).users ?? []
  }
}
