import express, { Router } from 'express'
import { bundlePage, emojiFolder } from './bundle.js'

/** One bundle for every server of this process, made when somebody first asks for the page. */
let built: ReturnType<typeof bundlePage> | undefined

/** The page, its two files, and the emoji. */
export function createPage(): Router {
  const router = Router().use('/emoji', express.static(emojiFolder, { maxAge: '1d' }))
  const files = {
    '/': ['html', 'html'],
    '/page.js': ['js', 'text/javascript'],
    '/page.css': ['css', 'text/css'],
  } as const
  for (const [path, [part, type]] of Object.entries(files)) {
    router.get(path, async (_request, response) => {
      built ??= bundlePage()
      response.type(type).send((await built)[part])
    })
  }
  return router
}
