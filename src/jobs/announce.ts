/** Makes the channel agree with the log; one announce at a time over all replicas, and again when the log has moved. */
export function createAnnounceRound(
  announce: () => Promise<'done' | { readonly againMs: number }>,
): () => Promise<number | null> {
  return async () => {
    const outcome = await announce()
    return outcome === 'done' ? null : outcome.againMs
  }
}
