import { z } from 'zod'
import { gate } from './gate.js'
import { count, few } from './reading/say.js'

const args = z.strictObject({ severity: z.enum(['warning', 'critical']) })

export const alertsBelow = gate<unknown, z.infer<typeof args>>({
  name: 'alerts-below',
  proves: 'no alert of that severity or a worse one is open',
  args,
  async measure(_deps, { severity }, { alerts }) {
    const grave = alerts.filter((alert) => severity === 'warning' || alert.severity === 'critical')
    if (grave.length === 0)
      return { verdict: 'passed', text: `No ${severity === 'warning' ? '' : 'critical '}alert is open.` }
    const evidence = grave.map(({ cause, severity, text }) => ({ cause, severity, text }))
    const texts = grave.map(({ text }) => text)
    return {
      verdict: 'failed',
      reason: 'alerts-open',
      evidence,
      text: `${count(grave.length, 'alert')} open: ${few(texts, 2)}`,
    }
  },
})
