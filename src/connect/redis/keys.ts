/** Every key of one migration; the braces keep them in one slot of a Redis Cluster, BullMQ's keys included. */
export const keys = (migration: string) => {
  const prefix = `{floodgate:${migration}}`
  return {
    prefix,
    log: `${prefix}:log`,
    evidence: `${prefix}:evidence`,
    live: `${prefix}:live`,
    memory: `${prefix}:memory`,
    samples: `${prefix}:samples`,
    shown: `${prefix}:shown`,
  }
}
