/** One line of a foreign log, fit for a channel: without control characters, without what looks like a secret, at most 200 characters. */
export function redact(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours and other control characters are what is taken out
  const plain = line.replace(/\u001b\[[0-9;]*m/g, '').replace(/[\u0000-\u001f\u007f]+/g, ' ')
  const clean = secrets.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), plain).trim()
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean
}

const most = 200

const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 ***'],
  [
    /(\b[\w.-]*(?:password|passwd|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|jaas\.config)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)/gi,
    '$1***',
  ],
  [/(\w+:\/\/)[^\s/:@]+:[^\s/@]+@/g, '$1***@'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '***'],
  [/\b(xox[a-z]-|xapp-|gh[pousr]_|AKIA)[\w-]+/g, '***'],
  [/[\w.+-]+@[\w-]+\.[\w.]+/g, '***@***'],
  [/\b\d(?:[ -]?\d){12,18}\b/g, '***'],
  [/\b[A-Za-z0-9+/_-]{40,}={0,2}/g, '***'],
]
