import { assert, describe, it } from "@effect/vitest"
import type { Event } from "../../src/genesys/event.ts"
import { conversationSummary } from "../../src/genesys/topics/conversation-summary.ts"
import { presence } from "../../src/genesys/topics/presence.ts"
import type { Item } from "../../src/store/aws/attribute.ts"
import { fromItem, hasContent, toItem } from "../../src/store/aws/event-item.ts"
import { itemOf, lineOf } from "../../src/store/aws/export-format.ts"
import { decoded } from "./events.ts"

const RECEIVED = 1_778_061_601_000

const columns = ({ id, topic, subject, published }: Event, clock: number): Item => ({
  id: { S: id },
  topic: { S: topic },
  subject: { S: subject ?? "" },
  clock: { N: String(clock) },
  published: { N: String(published) },
  received: { N: String(RECEIVED) }
})

const [told, summarised] = [decoded(presence.example, RECEIVED), decoded(conversationSummary.example, RECEIVED)]
const [ofTold, ofSummarised] = [columns(told, 1_778_067_000_518), columns(summarised, summarised.published)]

/** Items as versions of this project have written them. They stay readable for ever: add to them, and change none. */
const formats: ReadonlyArray<readonly [how: string, event: Event, item: Item]> = [
  [
    "as text without what the columns hold (0.1.0)",
    told,
    {
      ...ofTold,
      body: {
        S: '{"version":"0","source":"aws.partner/genesys.com/cloud/2f6c1b84-9d0e-4a7b-8c35-6e1f0a9b7d42/queue-state","account":"444455556666","time":"2026-05-06T11:30:00Z","region":"eu-west-1","resources":[],"detail":{"topicName":"v2.users.6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58.presence","version":"2","eventBody":{"source":"PURECLOUD","presenceDefinition":{"id":"8c0e2a46-5b7d-4f91-a3c5-7e9b1d3f5a68","systemPresence":"BREAK"},"primary":true,"message":"","modifiedDate":"2026-05-06T11:30:00.518Z"},"metadata":{"CorrelationId":"5d0a0001-1f2e-4d3c-8b4a-5e6f7a8b9c0d"}}}'
      }
    }
  ],
  ["as the text of the whole envelope (0.1.0)", told, { ...ofTold, body: { S: `=${JSON.stringify(told.envelope)}` } }],
  [
    "deflated (0.1.0)",
    summarised,
    {
      ...ofSummarised,
      body: {
        B: Buffer.from(
          "jZCxrtswDEX/hbPlUIok2xrfm7p06tSiAy3RgYFYSiU5QfCQfy/sVxRZimYlLw4vzwdcOZc5RXCA0EBJa/YMDuhW2gvlGjkfThy53Evr03Lw57SGg5qsl2OvxRCQhaZuFL0/GmFZTkjD2AWtDr9WXlmUSpWhAfI+rbGCA621NsYYa62FBuq8bAcVKivQCLTfJDpEh8N3aCDz6bMdr+LGpQq5Dz97FnA/fjYQuNJ8BvcBNV1m/5V24FW1a+FcWjvKSXvFoidzFDoMnRiRrVC+C8Mk6TiavvUpbiaozimWdVko36F5kqOgAb5yrG8p3LdTG/tLAAev4KEBT+e9ok+xkq/vHCvnbUC+zlcGJzdHN3D4aGBfXvJc+DmBfxNbZPnz8z+B+F+gegYuXAqd+CWkfKXjzqwUqNKWeE8583kXvHszAQkRpZCTYqHD0Yt+1CQM26mjfhw8Bng8Hr8B",
          "base64"
        )
      }
    }
  ],
  [
    "compressed by dictionary 1 (0.2.0)",
    summarised,
    {
      ...ofSummarised,
      body: {
        B: Buffer.from(
          "DzeGydsH9VSoiQu0RYccYuCLNrbqMZXvfuge+LVuHrFUVc3M3N0fsS5Q3B8n4MeR92QVXJOHL2jMax7/E7wafo41mG9dg696s/gZL7SJDREJaPMCnTIguzaw5Tta9ho4D1p/AA==",
          "base64"
        )
      }
    }
  ],
  [
    "compressed by dictionary 1 (0.2.0)",
    told,
    {
      ...ofTold,
      body: {
        B: Buffer.from(
          "DzeGydsH9VSoiQu0RYccYuCLNrbqMZXvfuge+LVuHrFUVc3M3N0fsS5Q3B8n4MeR92QVXJOHn+h7Vw5c3NTBekzQXQRNhkGs6jRlW/O8NGP+hL/N3/CP/s2f+Fn1UzL43JXSJjZEJKDNC3TKgOzawJbvaNlr4Dxo7gE=",
          "base64"
        )
      }
    }
  ]
]

describe("the event store", () => {
  it.each(formats)("[P8] reads what was stored %s, also from an export", (_, event, item) => {
    for (const one of [item, itemOf(lineOf(item))]) {
      assert.deepStrictEqual(fromItem(one), { envelope: event.envelope, received: RECEIVED })
      assert.isTrue(hasContent(one, event))
    }
  })

  it("writes in the last of these ways", () => {
    for (const [, event, item] of formats.slice(-2)) assert.deepStrictEqual(toItem(event).item, item)
  })
})
