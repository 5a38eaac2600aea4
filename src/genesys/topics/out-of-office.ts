import { flag, names, object } from "../body.ts"
import { invented } from "../example.ts"
import { defineTopic } from "../topic.ts"

export const outOfOffice = defineTopic({
  template: "v2.users.{id}.outofoffice",
  meaning: "Whether an agent is out of office. Its dates are a schedule, not the time of the change.",
  body: object({ active: flag }, { user: object({}, names("id")), ...names("indefinite startDate endDate") }),
  clocks: { outOfOffice: null },
  facets: ({ subject: agentId, body: { active } }) =>
    typeof active === "boolean" ? [{ facet: "outOfOffice", agentId, value: active }] : [],
  example: {
    ids: [invented.otherAgent],
    published: "2026-05-06T16:00:00.260Z",
    body: {
      user: { id: invented.otherAgent },
      active: true,
      indefinite: false,
      startDate: "2026-05-06T16:00:00.000Z",
      endDate: "2026-05-11T06:00:00.000Z"
    }
  }
})
