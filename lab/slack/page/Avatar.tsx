import { useVisit } from './visit.js'

const colours = ['#1d7c6d', '#b4560e', '#5a4fcf', '#b0264f', '#2f6db5', '#6b7a12', '#8a3fa0']

export function nameOf(state: ReturnType<typeof useVisit>['state'], user: string): string {
  if (user === state.bot.user) return state.bot.name
  if (user === 'USLACKBOT') return 'Slackbot'
  return state.people.find(({ id }) => id === user)?.name ?? user
}

export function Avatar({ user, small = false }: { readonly user: string; readonly small?: boolean }) {
  const { state } = useVisit()
  const className = small ? 'avatar small' : 'avatar'
  if (user === state.bot.user) {
    return (
      <svg className={className} viewBox="0 0 36 36" aria-hidden="true">
        <rect width="36" height="36" rx="6" fill="#0b4f6c" />
        <path d="M7 9h22M10 9v9M18 9v6M26 9v9" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" fill="none" />
        <path
          d="M6 23q4-4 8 0t8 0 8 0M6 29q4-4 8 0t8 0 8 0"
          stroke="#7fd6ff"
          strokeWidth="2.6"
          strokeLinecap="round"
          fill="none"
        />
      </svg>
    )
  }
  const at = state.people.findIndex(({ id }) => id === user)
  const initials = nameOf(state, user)
    .split(' ')
    .map((word) => word[0])
    .slice(0, 2)
    .join('')
  return (
    <span
      className={className}
      style={{ background: at < 0 ? '#611f69' : colours[at % colours.length] }}
      aria-hidden="true"
    >
      {initials}
    </span>
  )
}
