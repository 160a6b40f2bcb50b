import type { SharedFile } from '../types.js'
import { useVisit } from './visit.js'

export function Files({ files }: { readonly files: readonly SharedFile[] }) {
  const { state } = useVisit()
  return (
    <div className="files">
      {files.map(({ id, title, name, mimetype, size }) => {
        const ready = state.files.some((file) => file.id === id && file.ready)
        if (!ready) return <p key={id}>Processing {title}…</p>
        if (mimetype.startsWith('image/')) return <img key={id} src={`/lab/file/${id}`} alt={title} />
        return (
          <a key={id} className="file" href={`/lab/file/${id}`} download={name}>
            <span className="file-kind">{name.split('.').at(-1)?.toUpperCase()}</span>
            <span>
              <b>{title}</b>
              <br />
              <span className="faint">{Math.max(1, Math.round(size / 1024))} kB</span>
            </span>
          </a>
        )
      })}
    </div>
  )
}
