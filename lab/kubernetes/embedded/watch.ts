import type { ServerResponse } from 'node:http'
import type { KubernetesObject } from '../objects.js'
import { expired, invalid } from './refusal.js'
import { apiVersionOf, type ResourceType } from './resources.js'
import { selection } from './select.js'
import type { Change, Store } from './store.js'

export interface WatchTimes {
  readonly bookmarkEveryMs: number
  readonly endAfterMs: number
}

/** Streams changes as lines of JSON until the client leaves or the time is up. */
export function serveWatch(
  store: Store,
  of: ResourceType,
  namespace: string | undefined,
  query: URLSearchParams,
  response: ServerResponse,
  times: WatchTimes,
): void {
  if (query.has('sendInitialEvents')) {
    throw invalid(of, '', [
      {
        field: 'sendInitialEvents',
        message: 'Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      },
    ])
  }
  const isSelected = selection(query)
  const send = (type: string, object: unknown) => void response.write(`${JSON.stringify({ type, object })}\n`)
  const sendChange = (change: Change) => {
    if (change.of !== of || (namespace !== undefined && change.object.metadata.namespace !== namespace)) return
    const type = typeFor(change, isSelected)
    if (type) send(type, change.object)
  }

  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  const from = query.get('resourceVersion') ?? ''
  if (from === '' || from === '0') {
    for (const object of store.list(of, namespace)) if (isSelected(object)) send('ADDED', object)
  } else {
    const missed = store.since(Number(from))
    if (!missed) {
      send('ERROR', expired(Number(from), store.oldest()).status)
      response.end()
      return
    }
    for (const change of missed) sendChange(change)
  }

  const stopListening = store.onChange(sendChange)
  const bookmark = { kind: of.kind, apiVersion: apiVersionOf(of) }
  const bookmarks = setInterval(() => {
    if (query.get('allowWatchBookmarks') === 'true')
      send('BOOKMARK', { ...bookmark, metadata: { resourceVersion: String(store.version()), creationTimestamp: null } })
  }, times.bookmarkEveryMs)
  const asked = Number(query.get('timeoutSeconds')) * 1000
  const end = setTimeout(finish, asked || times.endAfterMs)
  const silence = () => {
    stopListening()
    clearInterval(bookmarks)
    clearTimeout(end)
  }
  // A client that reads slowly gets what was sent before it; nothing may be written behind the end meanwhile.
  function finish() {
    silence()
    response.end()
  }
  response.once('close', silence)
}

/** An object that leaves the selection is deleted for this watcher, one that enters it is new. */
function typeFor(
  { type, object, before }: Change,
  isSelected: (object: KubernetesObject) => boolean,
): string | undefined {
  const [was, is] = [before !== undefined && isSelected(before), isSelected(object)]
  if (type === 'DELETED') return was ? 'DELETED' : undefined
  if (was && is) return 'MODIFIED'
  if (is) return 'ADDED'
  return was ? 'DELETED' : undefined
}
