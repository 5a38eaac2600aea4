import { Schema } from "effect"
import { invented } from "../example.ts"
import { names, object } from "../shape.ts"
import { flag, group, text, tolerant } from "../tolerant.ts"
import { defineTopic } from "../topic.ts"

const readMetadata = tolerant(Schema.Struct({ action: text }))

const removes = (metadata: unknown): boolean => /remove|delete/i.test(readMetadata(metadata)?.action ?? "")

/**
 * An agent's activation in a queue. How a removal is encoded is unpublished, and it seems to travel in the metadata: one
 * that sounds like it counts as not joined.
 */
export const queueUsers = defineTopic({
  template: "v2.routing.queues.{id}.users",
  body: Schema.Struct({ id: text, user: group({ id: text }), joined: flag }),
  shape: object({ ...names("id queueId joined additionalProperties"), user: object(names("id")) }),
  clocks: {},
  facets: ({ subject: queueId, body, metadata }) => {
    const userId = body.user?.id || body.id
    const joined = removes(metadata) ? false : body.joined
    if (!userId || typeof joined !== "boolean") return []
    return [{ facet: "member", queueId, userId, joined }]
  },
  example: {
    ids: [invented.queue],
    published: "2026-05-06T09:58:30.990Z",
    body: {
      id: invented.agent,
      user: { id: invented.agent },
      queueId: invented.queue,
      joined: true,
      additionalProperties: {}
    }
  }
})
