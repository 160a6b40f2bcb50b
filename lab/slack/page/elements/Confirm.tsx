import { useEffect, useRef } from 'react'
import type { Shape } from '../../types.js'
import { wordsOf } from './words.js'

export function Confirm({ confirm, answer }: { readonly confirm: Shape; answer(yes: boolean): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className="modal confirm" aria-label={wordsOf(confirm.title)} onCancel={() => answer(false)}>
      <header>
        <h2>{wordsOf(confirm.title)}</h2>
      </header>
      <p>{wordsOf(confirm.text)}</p>
      <footer>
        <button type="button" onClick={() => answer(false)}>
          {wordsOf(confirm.deny)}
        </button>
        <button
          type="button"
          className={confirm.style === 'danger' ? 'danger' : 'primary'}
          onClick={() => answer(true)}
        >
          {wordsOf(confirm.confirm)}
        </button>
      </footer>
    </dialog>
  )
}
