import { Schema } from "effect"
import { invented } from "../example.ts"
import { names, object } from "../shape.ts"
import { raw, text, tolerant } from "../tolerant.ts"
import { defineTopic } from "../topic.ts"

const readStation = tolerant(Schema.Struct({ id: text, name: text }))

/** The phone that an agent is at. None is a statement here (`null`), so a station of a wrong type must not look absent. */
export const station = defineTopic({
  template: "v2.users.{id}.station",
  body: Schema.Struct({ associatedStation: raw }),
  shape: object({ associatedStation: object({ ...names("id name"), associatedUser: object(names("id")) }) }),
  clocks: {},
  facets: ({ subject: agentId, body: { associatedStation } }) => {
    if (associatedStation === undefined || associatedStation === null)
      return [{ facet: "station", agentId, value: null }]
    const { id, name } = readStation(associatedStation) ?? {}
    if (!id) return []
    return [{ facet: "station", agentId, value: name ? { id, name } : { id } }]
  },
  example: {
    ids: [invented.agent],
    published: "2026-05-06T09:57:02.118Z",
    body: {
      associatedStation: { id: invented.station, name: "Desk 14", associatedUser: { id: invented.agent } }
    }
  }
})
