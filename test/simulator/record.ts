import { makeSimulator, type Simulator, type SimulatorOptions } from "../../src/simulator/simulator.ts"
import type { Delivery } from "../../src/simulator/wire.ts"

export const options: SimulatorOptions = {
  seed: 7,
  agents: 40,
  queues: 6,
  rate: 100,
  chaos: 0,
  start: Date.parse("2026-05-06T08:00:00.000Z"),
  source: "aws.partner/genesys.com/cloud/2f6c1b84-9d0e-4a7b-8c35-6e1f0a9b7d42/queue-state"
}

/** An envelope as tests read it. */
export interface Envelope {
  readonly id: string
  readonly "detail-type": string
  readonly source: string
  readonly time: string
  readonly detail: {
    readonly topicName: string
    readonly eventBody: { readonly [field: string]: unknown }
    readonly timestamp: string
  }
}

export const open = (changes: Partial<SimulatorOptions> = {}): Simulator => makeSimulator({ ...options, ...changes })

export const take = (centre: Simulator, count: number): ReadonlyArray<Delivery> =>
  Array.from({ length: count }, () => centre.next())

export const parse = ({ line }: Delivery): Envelope => JSON.parse(line) as Envelope

/** Bodies of one topic with the resolved topic name, in order of their own time. */
export const bodiesOf = (events: ReadonlyArray<Envelope>, ...suffixes: ReadonlyArray<string>) =>
  events
    .filter((event) => suffixes.some((suffix) => event["detail-type"].endsWith(suffix)))
    .map(
      ({ detail }) => ({ topicName: detail.topicName, ...detail.eventBody }) as { readonly [field: string]: unknown }
    )
