import type { View } from '../types.js'
import { Blocks } from './Blocks.js'
import { act, useEntered } from './lab.js'
import { useVisit } from './visit.js'

export function Home({ view, openMenu }: { readonly view: View | undefined; openMenu(): void }) {
  const { state, person } = useVisit()
  const [entered, enter] = useEntered()
  return (
    <main className="channel">
      <header>
        <button type="button" className="menu" onClick={openMenu} aria-label="Menu">
          ☰
        </button>
        <h2>{state.bot.name}</h2>
        <span className="faint">Home</span>
      </header>
      <div className="scroll home">
        {view === undefined ? (
          <p className="beginning">{state.bot.name} has not published a home for you.</p>
        ) : (
          <Blocks
            blocks={view.blocks}
            entered={entered}
            enter={enter}
            use={(block, action, value, held) =>
              act('click', {
                user: person.id,
                view_id: view.id,
                block_id: block,
                action_id: action,
                value,
                entered: held,
              })
            }
          />
        )}
      </div>
    </main>
  )
}
