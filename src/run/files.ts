/** A file that goes with a message: which, never its content; that is made when it is sent. */
export type FileRequest =
  | { readonly kind: 'report'; readonly run: string; readonly form: 'markdown' | 'json' }
  | { readonly kind: 'pack'; readonly evidence: string }
