import type { Channel } from '../types.js'
import { Avatar } from './Avatar.js'
import { useVisit } from './visit.js'

interface Props {
  readonly channels: readonly Channel[]
  readonly place: string
  go(place: string): void
  become(user: string): void
  toggleTheme(): void
}

export function Sidebar({ channels, place, go, become, toggleTheme }: Props) {
  const { state, person, dark, alive } = useVisit()
  const current = (id: string) => (place === id ? { 'aria-current': 'page' as const } : {})
  return (
    <nav className="sidebar" aria-label="Workspace">
      <h1>{state.team.name}</h1>
      <label className="who">
        <span>You are</span>
        <select value={person.id} onChange={(event) => become(event.target.value)} aria-label="You are">
          {state.people.map(({ id, name, groups }) => (
            <option key={id} value={id}>
              {name}
              {groups.length > 0 ? ` (${groups.join(', ')})` : ''}
            </option>
          ))}
        </select>
      </label>
      <h2>Channels</h2>
      {channels
        .filter(({ user }) => user === undefined)
        .map(({ id, name }) => (
          <button key={id} type="button" className="place" onClick={() => go(id)} {...current(id)}>
            <span className="hash">#</span> {name}
          </button>
        ))}
      {state.homes[person.id] || channels.some(({ user }) => user !== undefined) ? <h2>Apps</h2> : null}
      {state.homes[person.id] ? (
        <button type="button" className="place" onClick={() => go('home')} {...current('home')}>
          <Avatar user={state.bot.user} small /> {state.bot.name} <span className="faint">Home</span>
        </button>
      ) : null}
      {channels
        .filter(({ user }) => user !== undefined)
        .map(({ id }) => (
          <button key={id} type="button" className="place" onClick={() => go(id)} {...current(id)}>
            <Avatar user={state.bot.user} small /> {state.bot.name} <span className="faint">Messages</span>
          </button>
        ))}
      <footer>
        <span className={`lamp${alive && state.connections > 0 ? ' lit' : ''}`} />
        {!alive
          ? 'The lab does not answer'
          : state.connections === 0
            ? 'No app connected'
            : `${state.connections} app connection${state.connections > 1 ? 's' : ''}`}
        <button type="button" onClick={toggleTheme} aria-label={dark ? 'Light colours' : 'Dark colours'}>
          {dark ? '☀' : '☾'}
        </button>
      </footer>
    </nav>
  )
}
