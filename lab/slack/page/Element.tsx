import { useState } from 'react'
import { isShape } from '../blocks/check.js'
import { type Given, initialOf } from '../person/elements.js'
import type { Shape } from '../types.js'
import { Button } from './elements/Button.js'
import { Choice } from './elements/Choice.js'
import { Confirm } from './elements/Confirm.js'
import { Overflow } from './elements/Overflow.js'
import { Select } from './elements/Select.js'
import { TextInput } from './elements/TextInput.js'

export interface ElementProps {
  readonly element: Shape
  readonly given: Given
  readonly label: string
  readonly busy: boolean
  give(given: Given): void
}

interface Props {
  readonly element: Shape
  readonly given: Given | undefined
  readonly label: string
  give(given: Given): Promise<unknown> | undefined
}

/** One interactive element: asks for confirmation where the app wants it, and is busy until the app has answered. */
export function Element({ element, given, label, give }: Props) {
  const [asked, setAsked] = useState<{ given: Given }>()
  const [busy, setBusy] = useState(false)
  const really = async (value: Given): Promise<void> => {
    const answered = give(value)
    if (answered === undefined) return
    setBusy(true)
    await answered
    setBusy(false)
  }
  const Kind = kindOf(String(element.type))
  const value = given === undefined ? initialOf(element) : given
  return (
    <>
      <Kind
        element={element}
        given={value}
        label={label}
        busy={busy}
        give={(next) => (isShape(element.confirm) ? setAsked({ given: next }) : void really(next))}
      />
      {asked && isShape(element.confirm) ? (
        <Confirm
          confirm={element.confirm}
          answer={(yes) => {
            setAsked(undefined)
            if (yes) void really(asked.given)
          }}
        />
      ) : null}
    </>
  )
}

function kindOf(type: string) {
  if (type === 'button') return Button
  if (type === 'overflow') return Overflow
  if (type === 'checkboxes' || type === 'radio_buttons' || type.startsWith('multi_')) return Choice
  if (type.endsWith('_select')) return Select
  return TextInput
}
