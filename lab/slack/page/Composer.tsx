import { useState } from 'react'
import { act } from './lab.js'
import { useVisit } from './visit.js'

/** Where a person types. A line that starts with a slash goes to the app, with the commands that there are above it. */
export function Composer({
  channel,
  label,
  thread,
}: {
  readonly channel: string
  readonly label: string
  readonly thread?: string
}) {
  const { state, person } = useVisit()
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string>()
  const hints = text.startsWith('/')
    ? state.commands.filter(({ command }) => command.startsWith(text.split(' ')[0] ?? ''))
    : []
  const send = async (): Promise<void> => {
    if (text.trim() === '') return
    setText('')
    const answer = await act('command', { user: person.id, channel, text, ...(thread ? { thread } : {}) })
    setProblem(
      answer.ok
        ? undefined
        : answer.error === 'command_in_thread'
          ? 'Slash commands do not work in threads.'
          : answer.error,
    )
  }
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {hints.length > 0 ? (
        <ul className="hints">
          {hints.map(({ command, hint }) => (
            <li key={command}>
              <button type="button" onClick={() => setText(`${command} `)}>
                <b>{command}</b> <span className="faint">{hint}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {problem ? <p role="alert">{problem}</p> : null}
      <div className="line">
        <input
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={label}
          aria-label={label}
          autoComplete="off"
        />
        <button type="submit" aria-label="Send" disabled={text.trim() === ''}>
          ➤
        </button>
      </div>
    </form>
  )
}
