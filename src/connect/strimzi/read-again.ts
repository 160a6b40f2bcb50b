/** An operator writes its status into a resource whenever it has looked, so a change may find that it is not as it was a moment ago. */
export async function readAgainOnConflict(change: () => Promise<void>): Promise<void> {
  for (let left = 3; ; left--) {
    try {
      return await change()
    } catch (error) {
      if (left === 0 || (error as { code?: unknown }).code !== 'conflict') throw error
    }
  }
}
