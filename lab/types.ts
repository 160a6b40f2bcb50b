/** What a running lab is made of: written to `lab.json` in its folder, read by the demo, the tests, the bench and `script/lab status`. */
export interface LabDescription {
  readonly folder: string
  readonly options: LabOptions
  readonly kafka: Record<Side, { version: string; bootstrap: string[] }>
  /** Kafka Connect REST addresses. The target's worker runs MirrorMaker 2 and the target's valve. */
  readonly connect: Record<Side, string>
  readonly mirror: { source: string; checkpoint: string; heartbeat: string }
  readonly valve: { connector: string; file: string; topic: string }
  readonly kubernetes: { kubeconfig: string; contexts: Record<Side, string>; namespaces: Record<Side, string> }
  readonly redis: { url: string }
  readonly ledger: { url: string }
  readonly slack: SlackDescription
  /** A migration.yaml for the shop, ready for `FLOODGATE_MIGRATION`. */
  readonly migration: string
}

export interface LabOptions {
  /** Any empty or new folder; all state of the lab lies below it. */
  readonly folder: string
  readonly source: KafkaVersion
  readonly target: KafkaVersion
  readonly brokers: 1 | 3
  readonly kubernetes: 'embedded' | 'real'
  /** Shop traffic, orders per second over all producers. */
  readonly rate: number
}

export type Side = 'source' | 'target'
export type KafkaVersion = '2.4' | '2.8' | '3.9' | '4'

export interface SlackDescription {
  /** Value for SLACK_API_URL; the page's address is `page`. */
  readonly api: string
  readonly page: string
  readonly botToken: string
  readonly appToken: string
  readonly signingSecret: string
  readonly channel: string
  readonly people: readonly { id: string; name: string; groups: readonly string[] }[]
}

/** A part of the lab that runs until it is stopped; `stop` resolves when every process it started has exited. */
export interface Part {
  stop(): Promise<void>
}

/** One line of progress for a person: what is going on, and how far it is. */
export type Progress = (text: string) => void
