import { EventEmitter } from 'node:events'
import type { SlackDescription } from '../types.js'
import type { Channel, Person, UserGroup } from './types.js'

/** Who and what exists before anybody says a word, and the clock that gives every message its name. */
export interface Workspace {
  readonly team: { readonly id: string; readonly name: string; readonly domain: string }
  readonly app: { readonly id: string; readonly name: string }
  readonly bot: { readonly user: string; readonly id: string; readonly name: string }
  readonly people: readonly Person[]
  readonly groups: readonly UserGroup[]
  readonly channels: Map<string, Channel>
  readonly commands: readonly { readonly command: string; readonly hint: string }[]
  now(): number
  /** A Slack timestamp in seconds with six decimals: never twice the same, always growing. */
  ts(): string
  id(kind: string): string
  version(): number
  changed(): void
  onChange(listener: () => void): () => void
}

export interface WorkspaceSetting {
  readonly people: SlackDescription['people']
  readonly channel: string
  readonly version?: number
  readonly channels?: readonly Channel[]
}

export function createWorkspace(setting: WorkspaceSetting, now: () => number): Workspace {
  const changes = new EventEmitter().setMaxListeners(0)
  let version = setting.version ?? 0
  let lastMicros = 0
  let lastId = Math.floor(now())
  const channels: readonly Channel[] = setting.channels ?? [
    { id: 'C0MIGRATION', name: setting.channel.replace(/^#/, '') },
  ]
  return {
    team: { id: 'T0FLOODGATE', name: 'Floodgate lab', domain: 'floodgate-lab' },
    app: { id: 'A0FLOODGATE', name: 'Floodgate' },
    bot: { user: 'U0FLOODGATE', id: 'B0FLOODGATE', name: 'floodgate' },
    people: setting.people,
    groups: groupsOf(setting.people),
    channels: new Map(channels.map((channel) => [channel.id, channel])),
    commands: [{ command: '/migrate', hint: 'help | status | cutover | rollback | lag | abort' }],
    now,
    ts() {
      lastMicros = Math.max(lastMicros + 1, Math.floor(now() * 1000))
      return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`
    },
    id(kind) {
      lastId += 1
      return `${kind}0${lastId.toString(36).toUpperCase()}`
    },
    version: () => version,
    changed() {
      version += 1
      changes.emit('change')
    },
    onChange(listener) {
      changes.on('change', listener)
      return () => changes.off('change', listener)
    },
  }
}

function groupsOf(people: readonly Person[]): UserGroup[] {
  const handles = [...new Set(people.flatMap((person) => person.groups))]
  return handles.map((handle) => ({
    id: `S0${handle.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`,
    handle,
    users: people.filter((person) => person.groups.includes(handle)).map((person) => person.id),
  }))
}
