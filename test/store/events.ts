import { Result } from "effect"
import type { Json } from "../../src/domain/json.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { Event } from "../../src/genesys/event.ts"

export const ARRIVAL = Date.UTC(2026, 4, 6, 10, 0, 5)

/** An event as the door makes it of an envelope. */
export const decoded = (envelope: { readonly [key: string]: Json }, received = ARRIVAL): Event =>
  Result.getOrThrow(decodeEvent(JSON.stringify(envelope), received))

/** A routing status event. `body` replaces fields of its body; `fields` are further ones of the envelope. */
export const routingEvent = (
  id: string,
  body: { readonly [key: string]: Json } = {},
  fields: { readonly [key: string]: Json } = {},
  received = ARRIVAL
): Event =>
  decoded(
    {
      version: "0",
      id,
      "detail-type": "v2.users.{id}.routingStatus",
      source: "aws.partner/genesys.com/cloud/2f6c1b84-9d0e-4a7b-8c35-6e1f0a9b7d42/queue-state",
      account: "444455556666",
      time: "2026-05-06T10:00:00Z",
      region: "eu-west-1",
      resources: [],
      detail: {
        topicName: "v2.users.6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58.routingStatus",
        version: "2",
        eventBody: {
          id: "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58",
          routingStatus: { status: "IDLE", startTime: "2026-05-06T10:00:00.100Z" },
          ...body
        },
        metadata: { CorrelationId: "5d0a0001-1f2e-4d3c-8b4a-5e6f7a8b9c0d" },
        timestamp: "2026-05-06T10:00:00.240Z"
      },
      ...fields
    },
    received
  )

/** Text that deflate cannot shorten by much, the same in every run. */
export const noise = (length: number, seed = 1): string => {
  let state = seed
  const codes = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    codes[i] = 33 + ((state >>> 16) % 93)
  }
  return Buffer.from(codes).toString("latin1").replaceAll('"', "#").replaceAll("\\", "/")
}
