import type { Api } from '../api.js'
import type { Container, EnvironmentVariable, KubernetesObject, Pod } from '../objects.js'

/** A container cannot start because what its environment names is not there. */
export class MissingReference extends Error {}

/** Environment and command line of a container: downward fields, ConfigMaps and Secrets read, `$(NAME)` expanded. */
export async function commandOf(api: Api, pod: Pod, container: Container, base: Record<string, string>) {
  const { name, namespace } = pod.metadata
  const env: Record<string, string> = { ...base, POD_NAME: name, POD_NAMESPACE: namespace ?? '' }
  for (const { prefix = '', configMapRef } of container.envFrom ?? []) {
    if (!configMapRef) continue
    const values = await entriesOf(api, pod, 'configmaps', configMapRef.name, configMapRef.optional)
    for (const [key, value] of Object.entries(values)) env[prefix + key] = value
  }
  for (const variable of container.env ?? []) {
    const value = await resolved(api, pod, variable)
    if (value !== undefined) env[variable.name] = expand(value, env)
  }
  const command = [...(container.command ?? []), ...(container.args ?? [])].map((word) => expand(word, env))
  return { env, command }
}

async function resolved(api: Api, pod: Pod, { value, valueFrom }: EnvironmentVariable): Promise<string | undefined> {
  const { fieldRef, configMapKeyRef, secretKeyRef } = valueFrom ?? {}
  if (fieldRef) return fieldOf(pod, fieldRef.fieldPath)
  const reference = configMapKeyRef ?? secretKeyRef
  if (!reference) return value ?? ''
  const { name, key, optional } = reference
  const found = (await entriesOf(api, pod, configMapKeyRef ? 'configmaps' : 'secrets', name, optional))[key]
  if (found === undefined && !optional)
    throw new MissingReference(`couldn't find key ${key} in ${pod.metadata.namespace}/${name}`)
  return found
}

async function entriesOf(
  api: Api,
  pod: Pod,
  plural: 'configmaps' | 'secrets',
  name: string,
  optional = false,
): Promise<Record<string, string>> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/${plural}/${name}`
  const found = await api.get<KubernetesObject & { data?: Record<string, string> }>(path).catch((error: Error) => {
    if (optional) return undefined
    throw new MissingReference(error.message, { cause: error })
  })
  const entries = Object.entries(found?.data ?? {})
  if (plural === 'configmaps') return Object.fromEntries(entries)
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}

function fieldOf({ metadata, spec }: Pod, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (keyed) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid ?? ''
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'status.podIP':
    case 'status.hostIP':
      return '127.0.0.1'
    default:
      throw new MissingReference(`the lab's kubelet does not know the field ${path}`)
  }
}

function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([\w.-]+)\)/g, (whole, name?: string) =>
    name === undefined ? '$' : (env[name] ?? whole),
  )
}
