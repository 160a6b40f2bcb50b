import bolt, { type Logger } from '@slack/bolt'

/** What Bolt would print, as lines of the bot's own log. */
export function loggerOf(warn: (text: string) => void): Logger {
  const nothing = () => {}
  const say = (...parts: unknown[]) =>
    warn(
      parts
        .map((part) => (part instanceof Error ? part.message : String(part)))
        .join(' ')
        .slice(0, 500),
    )
  return {
    debug: nothing,
    info: nothing,
    warn: say,
    error: say,
    setLevel: nothing,
    getLevel: () => bolt.LogLevel.WARN,
    setName: nothing,
  }
}
