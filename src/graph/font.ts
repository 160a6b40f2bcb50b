import { createRequire } from 'node:module'
import { GlobalFonts } from '@napi-rs/canvas'

/** The family to draw text with. Without it a machine that has no fonts draws pictures without a single letter. */
export const family = 'Floodgate Inter'

const require = createRequire(import.meta.url)
let registered = false

export function registerFont(): void {
  if (registered) return
  for (const weight of [400, 600])
    if (
      !GlobalFonts.registerFromPath(
        require.resolve(`@fontsource/inter/files/inter-latin-${weight}-normal.woff2`),
        family,
      )
    )
      throw new Error('The font of @fontsource/inter cannot be read. Run npm ci again.')
  registered = true
}
