import type { BlockRules } from './blocks/validate.js'
import type { Ephemerals } from './ephemerals.js'
import type { Faults } from './faults.js'
import type { Files } from './files.js'
import type { Messages } from './messages.js'
import type { Rates } from './rates.js'
import type { ResponseUrls } from './responseUrls.js'
import type { Scopes } from './scopes.js'
import type { Tally } from './tally.js'
import type { Triggers } from './triggers.js'
import type { Views } from './views.js'
import type { Workspace } from './workspace.js'

/** All that this Slack holds; every door (Web API, sockets, person, control) works on the same one. */
export interface Slack {
  readonly workspace: Workspace
  readonly messages: Messages
  readonly ephemerals: Ephemerals
  readonly files: Files
  readonly views: Views
  readonly triggers: Triggers
  readonly responseUrls: ResponseUrls
  readonly rules: BlockRules
  readonly tally: Tally
  readonly scopes: Scopes
  readonly faults: Faults
  readonly rates: Rates
  /** `http://127.0.0.1:PORT`, known once it listens. */
  base(): string
}
