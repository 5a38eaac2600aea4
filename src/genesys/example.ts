import type { Json } from "../domain/json.ts"
import type { Envelope } from "./envelope.ts"
import { fillTemplate } from "./template.ts"

/**
 * An invented event of a topic: the ids in its name, its body, and when it was published (ISO, ms). `source`: who sends it, where that is not
 * Genesys.
 */
export interface Example {
  readonly ids: ReadonlyArray<string>
  readonly published: string
  readonly source?: string
  readonly body: { readonly [key: string]: Json }
}

/** Ids of the invented contact centre in which all examples happen. */
export const invented = {
  agent: "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58",
  otherAgent: "e4a7d930-1c62-4f8b-95d7-0b3e6a8c2f14",
  queue: "d81c5e07-4b9a-42f6-8e13-7a0f6c2b9d35",
  otherQueue: "0c94b7f2-6e1d-4a38-b5c0-9f2e7d4a1b63",
  conversation: "4e7a19c3-2d85-4b60-9f1c-8a3b5d7e0f26",
  acdSession: "a2c8e4f0-7b19-4d36-8e52-1f6a9c3d7b05",
  agentSession: "c7d9b1e3-5f20-4a84-b6c7-2e8f0a4d6b19",
  customerSession: "58e0d2b4-3c61-4f97-a8d5-6b9c1e7f3a02",
  voicemailSession: "e1b7c5d9-2f40-4a63-8d1e-5c9a7b3f0e28",
  wrapupCode: "6a8c0e24-3b5d-4f79-91a3-c5e7092b4d68",
  onQueue: "3b5d7f91-2a4c-4e68-8b0d-1c3e5f7a9b24",
  onBreak: "8c0e2a46-5b7d-4f91-a3c5-7e9b1d3f5a68",
  teams: "9f2d4b6e-1a3c-4e5f-8b7d-0c2e4a6b8d13",
  station: "1d6f8b20-9c3e-4a57-b8d1-4f0e2c7a9b36"
} as const

/** The envelope in which EventBridge delivers it, its whole-second `time` included. */
export const exampleEnvelope = (template: string, { ids, published, source, body }: Example): Envelope => ({
  version: "0",
  id: `example of ${template}`,
  "detail-type": template,
  source: source ?? "aws.partner/genesys.com/cloud/2f6c1b84-9d0e-4a7b-8c35-6e1f0a9b7d42/queue-state",
  account: "444455556666",
  time: `${published.slice(0, 19)}Z`,
  region: "eu-west-1",
  resources: [],
  detail: {
    topicName: fillTemplate(template, ids),
    version: "2",
    eventBody: body,
    metadata: { CorrelationId: "5d0a0001-1f2e-4d3c-8b4a-5e6f7a8b9c0d" },
    timestamp: published
  }
})
