import { useEffect, useState } from 'react'
import { Channel } from './Channel.js'
import { Home } from './Home.js'
import { act, useKept, useLabState } from './lab.js'
import { Modal } from './Modal.js'
import { Sidebar } from './Sidebar.js'
import { Thread } from './Thread.js'
import { VisitContext } from './visit.js'

/** The whole page: who you are, where you are, what you see there. */
export function App() {
  const { state, alive } = useLabState()
  const [user, setUser] = useKept('as', 'U0ALICE')
  const [place, setPlace] = useKept('in', '')
  const [theme, setTheme] = useKept('theme', 'system')
  const [thread, setThread] = useState<string>()
  const [menuOpen, setMenuOpen] = useState(false)
  const dark = useDark(theme)

  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  }, [dark])

  if (state === undefined) return <p className="waiting">Connecting to the lab…</p>
  const person = state.people.find(({ id }) => id === user) ?? state.people[0]
  if (person === undefined) return <p className="waiting">Nobody lives in this workspace.</p>
  const open = state.channels.filter((channel) => channel.user === undefined || channel.user === person.id)
  const channel = open.find(({ id }) => id === place) ?? open[0]
  const modal = state.views[person.id]?.at(-1)
  const go = (where: string): void => {
    setPlace(where)
    setThread(undefined)
    setMenuOpen(false)
    if (where === 'home') void act('home', { user: person.id })
  }
  return (
    <VisitContext value={{ state, person, dark, alive, openThread: setThread }}>
      <div className={`workspace${menuOpen ? ' menu-open' : ''}${thread ? ' thread-open' : ''}`}>
        <Sidebar
          channels={open}
          place={place === 'home' ? 'home' : (channel?.id ?? '')}
          go={go}
          become={setUser}
          toggleTheme={() => setTheme(dark ? 'light' : 'dark')}
        />
        {place === 'home' ? (
          <Home view={state.homes[person.id]} openMenu={() => setMenuOpen(true)} />
        ) : channel ? (
          <Channel key={channel.id} channel={channel} openMenu={() => setMenuOpen(true)} />
        ) : null}
        {thread && channel && place !== 'home' ? (
          <Thread channel={channel} ts={thread} close={() => setThread(undefined)} />
        ) : null}
        {modal ? <Modal key={modal.id} view={modal} depth={state.views[person.id]?.length ?? 1} /> : null}
      </div>
    </VisitContext>
  )
}

function useDark(theme: string): boolean {
  const [system, setSystem] = useState(() => window.matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const media = window.matchMedia('(prefers-color-scheme: dark)')
    const follow = (): void => setSystem(media.matches)
    media.addEventListener('change', follow)
    return () => media.removeEventListener('change', follow)
  }, [])
  return theme === 'system' ? system : theme === 'dark'
}
