/** Whether a list of migration.yaml names it; `connect-*` stands for all that begin so. */
export function isNamed(names: readonly string[], name: string): boolean {
  return names.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : one === name))
}
