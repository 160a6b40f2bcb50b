import { createPublicKey } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../ports.js'
import { startProcess } from '../../processes.js'
import type { Part, Progress, Side } from '../../types.js'
import { createApi } from '../api.js'
import type { Credentials } from '../credentials.js'
import { kubeconfigText } from '../kubeconfig.js'
import { apiServerBinary } from './build.js'

export interface RealOptions {
  readonly folder: string
  readonly credentials: Credentials
  readonly namespaces: Record<Side, string>
  /** Where the Go module of the API server lies. */
  readonly sources: string
}

/** The true API server with etcd and controllers in one process, compiled on first use. */
export async function startReal(
  { folder, credentials, namespaces, sources }: RealOptions,
  progress: Progress,
): Promise<{ server: string } & Part> {
  const binary = await apiServerBinary(sources, process.env, progress)
  const port = await freePort()
  const server = `https://127.0.0.1:${port}`
  const state = join(folder, 'apiserver')
  await rm(state, { recursive: true, force: true })
  await mkdir(state, { recursive: true, mode: 0o700 })
  const files = await writeFiles(state, server, credentials, namespaces)

  const api = createApi({ server, ca: credentials.ca, token: credentials.users.admin.token })
  const apiServer = await startProcess({
    name: 'kubernetes',
    folder,
    command: binary,
    args: [state, files.kubeconfig, ...flagsOf(files, port, state)],
    cwd: state,
    address: server,
    ready: () =>
      api.get('/readyz').then(
        () => true,
        () => false,
      ),
  }).finally(() => api.close())
  return {
    server,
    async stop() {
      // Asked politely it waits 15 s for open watches, and there is nothing in it to save.
      await apiServer.kill()
      await apiServer.stop()
    },
  }
}

type Files = Record<'ca' | 'certificate' | 'key' | 'publicKey' | 'tokens' | 'kubeconfig', string>

async function writeFiles(
  state: string,
  server: string,
  credentials: Credentials,
  namespaces: Record<Side, string>,
): Promise<Files> {
  const { ca, certificate, key, users } = credentials
  const tokens = Object.values(users).map(({ token, name, groups }) => `${token},${name},${name},"${groups.join(',')}"`)
  const texts: Files = {
    ca,
    certificate,
    key,
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    tokens: `${tokens.join('\n')}\n`,
    kubeconfig: kubeconfigText(server, credentials, namespaces).replace(
      /^current-context: .*$/m,
      'current-context: admin@source',
    ),
  }
  const paths = {
    ca: 'ca.pem',
    certificate: 'certificate.pem',
    key: 'key.pem',
    publicKey: 'public-key.pem',
    tokens: 'tokens.csv',
    kubeconfig: 'kubeconfig.yaml',
  }
  const files = Object.fromEntries(Object.entries(paths).map(([name, file]) => [name, join(state, file)])) as Files
  for (const name of Object.keys(texts) as (keyof Files)[]) await writeFile(files[name], texts[name], { mode: 0o600 })
  return files
}

function flagsOf({ ca, certificate, key, publicKey, tokens }: Files, port: number, state: string): string[] {
  return [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${certificate}`,
    `--tls-private-key-file=${key}`,
    `--cert-dir=${state}`,
    `--token-auth-file=${tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://floodgate.lab',
    `--service-account-signing-key-file=${key}`,
    `--service-account-key-file=${publicKey}`,
    '--service-cluster-ip-range=10.96.0.0/24',
    `--kubelet-certificate-authority=${ca}`,
    `--kubelet-client-certificate=${certificate}`,
    `--kubelet-client-key=${key}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--endpoint-reconciler-type=none',
    '--enable-priority-and-fairness=false',
    // The lab's pods have no volumes, and one node that is always there.
    '--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection,DefaultStorageClass,TaintNodesByCondition',
    '--profiling=false',
  ]
}
