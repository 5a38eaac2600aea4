import { names, object, raw, text } from "../body.ts"
import { invented } from "../example.ts"
import { tolerant } from "../tolerant.ts"
import { defineTopic } from "../topic.ts"

const associated = object({ id: text, name: text }, { associatedUser: object({}, names("id")) })
const readStation = tolerant(associated)

/** No station is a statement here (`null`), so a station of a wrong type must not look absent. */
export const station = defineTopic({
  template: "v2.users.{id}.station",
  meaning: "The phone that an agent is at, or that the agent is at none.",
  body: object({ associatedStation: raw(associated) }),
  clocks: { station: null },
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
