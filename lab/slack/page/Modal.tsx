import { useEffect, useRef, useState } from 'react'
import { elementsOf } from '../person/elements.js'
import type { Shape, View } from '../types.js'
import { Blocks } from './Blocks.js'
import { act, useEntered } from './lab.js'
import { useVisit } from './visit.js'

export function Modal({ view, depth }: { readonly view: View; readonly depth: number }) {
  const { person } = useVisit()
  const [entered, enter] = useEntered()
  const [busy, setBusy] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
    // The browser would take the first button, which closes: whoever presses Enter means the input.
    dialog.current?.querySelector<HTMLElement>('.scroll input, .scroll textarea, .scroll select')?.focus()
  }, [])
  const close = (all: boolean) => void act('close', { user: person.id, view_id: view.id, all })
  const submit = async (): Promise<void> => {
    setBusy(true)
    await act('submit', { user: person.id, view_id: view.id, values: onlyInputs(view, entered) })
    setBusy(false)
  }
  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-label={wordsOf(view.title, 'Dialog')}
      onCancel={(event) => {
        event.preventDefault()
        close(false)
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <header>
          <h2>{wordsOf(view.title, '')}</h2>
          <button type="button" onClick={() => close(true)} aria-label="Close all">
            ✕
          </button>
        </header>
        <div className="scroll">
          {view.errors[''] ? <p role="alert">{view.errors['']}</p> : null}
          <Blocks
            blocks={view.blocks}
            entered={entered}
            enter={enter}
            errors={view.errors}
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
        </div>
        <footer>
          <button type="button" onClick={() => close(false)}>
            {wordsOf(view.close, depth > 1 ? 'Back' : 'Cancel')}
          </button>
          {view.submit ? (
            <button type="submit" className="primary" disabled={busy}>
              {wordsOf(view.submit, 'Submit')}
            </button>
          ) : null}
        </footer>
      </form>
    </dialog>
  )
}

/** After an update of the view, what was typed into inputs that are gone is nobody's business any more. */
function onlyInputs(view: View, entered: ReturnType<typeof useEntered>[0]) {
  const there = new Set(view.blocks.flatMap((block) => (elementsOf(block).length > 0 ? [String(block.block_id)] : [])))
  return Object.fromEntries(Object.entries(entered).filter(([block]) => there.has(block)))
}

function wordsOf(text: Shape | undefined, otherwise: string): string {
  return typeof text?.text === 'string' ? text.text : otherwise
}
