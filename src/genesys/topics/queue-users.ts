import { flag, names, object, text } from "../body.ts"
import { invented } from "../example.ts"
import { tolerant } from "../tolerant.ts"
import { defineTopic } from "../topic.ts"

const readMetadata = tolerant(object({ action: text }))

const removes = (metadata: unknown): boolean => /remove|delete/i.test(readMetadata(metadata)?.action ?? "")

export const queueUsers = defineTopic({
  template: "v2.routing.queues.{id}.users",
  meaning:
    "An agent's activation in a queue. How a removal is encoded is unpublished, and it seems to travel in the metadata: an action there that sounds like a removal counts as not joined.",
  body: object({ id: text, user: object({ id: text }), joined: flag }, names("queueId additionalProperties")),
  clocks: { member: null },
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
