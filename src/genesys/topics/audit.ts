import { list, names, object, type ReadOf, text, textOrFlag, time } from "../body.ts"
import type { Facet, UserState } from "../event.ts"
import { invented } from "../example.ts"
import { isUuid } from "../template.ts"
import { parseTime } from "../time.ts"
import { defineTopic, timed } from "../topic.ts"
import { presenceValue } from "./facets.ts"

const change = object({ property: text, oldValues: list(textOrFlag), newValues: list(textOrFlag) })
type Change = ReadOf<typeof change>

/** The letters of a name, by which `UserPresence`, `USERPRESENCE` and `USER_PRESENCE` are one. */
const letters = (name: string | undefined): string => name?.replace(/[_ ]/g, "").toLowerCase() ?? ""

const property = (change: Change): string => letters(change.property)

type Values = Change["newValues"]

const texts = (values: Values): ReadonlyArray<string> =>
  values?.filter((value): value is string => typeof value === "string" && value !== "") ?? []

/** Users among the values of a change to members. `members` holds nothing else; of a name like it only ids are believed. */
const users = (change: Change, values: Values): ReadonlyArray<string> => {
  const name = property(change)
  if (name === "members") return texts(values)
  return name.includes("member") ? texts(values).filter(isUuid) : []
}

const added = (change: Change): ReadonlyArray<string> => users(change, change.newValues)

/** Old values may list all members, and new ones those that stay; new ones alone name who was removed. */
const removed = (change: Change): ReadonlyArray<string> => {
  const before = users(change, change.oldValues)
  const after = users(change, change.newValues)
  return before.length === 0 ? after : before.filter((user) => !after.includes(user))
}

const truth = (values: Values): boolean | undefined => {
  for (const value of values ?? []) {
    const word = String(value).toLowerCase()
    if (word === "true" || word === "false") return word === "true"
  }
  return undefined
}

/** An update that says who was activated or deactivated; most say neither, and then state nothing. */
const updated = (
  changes: ReadonlyArray<Change>
): { readonly joined: boolean; readonly users: ReadonlyArray<string> } | undefined => {
  const change = changes.find((candidate) => property(candidate) === "joined")
  const joined = truth(change?.newValues)
  if (change === undefined || joined === undefined) return undefined
  const own = texts(change.newValues).filter(isUuid)
  return { joined, users: own.length > 0 ? own : changes.flatMap(added) }
}

const memberFacets = (queueId: string, action: string, changes: ReadonlyArray<Change>): ReadonlyArray<Facet> => {
  const member =
    (joined: boolean) =>
    (userId: string): Facet => ({ facet: "member", queueId, userId, joined, audited: true })
  const each = (found: ReadonlyArray<string>, joined: boolean) => [...new Set(found)].map(member(joined))
  switch (action) {
    case "memberadd":
      return each(changes.flatMap(added), true)
    case "memberremove":
      return each(changes.flatMap(removed), false)
    case "memberupdate": {
      const update = updated(changes)
      return update === undefined ? [] : each(update.users, update.joined)
    }
    default:
      return []
  }
}

const presenceFacets = (agentId: string, _: string, changes: ReadonlyArray<Change>): ReadonlyArray<Facet> => {
  const change = changes.find((candidate) => property(candidate) === "presence")
  const [systemPresence] = change?.newValues ?? []
  const value = typeof systemPresence === "string" ? presenceValue({ systemPresence }) : undefined
  return value === undefined ? [] : [{ facet: "presence", agentId, value, audited: true }]
}

const states = ["active", "inactive", "deleted"] as const

/** What becomes of a user by an action that says so by itself. */
const userStates: ReadonlyMap<string, UserState> = new Map([
  ["activate", "active"],
  ["create", "active"],
  ["restore", "active"],
  ["restoredeleted", "active"],
  ["deactivate", "inactive"],
  ["delete", "deleted"],
  ["harddelete", "deleted"],
  ["softdelete", "deleted"]
])

/** Any other action may say that it changed a user's `state`, and to what. */
const userFacets = (agentId: string, action: string, changes: ReadonlyArray<Change>): ReadonlyArray<Facet> => {
  const change = changes.find((candidate) => property(candidate) === "state")
  const word = texts(change?.newValues)[0]?.toLowerCase()
  const value = userStates.get(action) ?? states.find((state) => state === word)
  return value === undefined ? [] : [{ facet: "userState", agentId, value }]
}

/** What audits state, by the letters of their entity type. */
const byEntity: ReadonlyMap<string, typeof memberFacets> = new Map([
  ["queue", memberFacets],
  ["userpresence", presenceFacets],
  ["user", userFacets]
])

export const audit = defineTopic({
  template: "v2.audits.entitytype.{id}.entityid.{id}",
  meaning:
    "A second witness of queue members and presences, and the only one of users who are deleted, deactivated or activated again. Its time is when the change was logged, in whole seconds, and up to minutes after the change. Audits of other entities state nothing.",
  body: object(
    { eventTime: time, action: text, propertyChanges: list(change) },
    {
      ...names("id userId userHomeOrgId userDisplay remoteIp serviceName level message entityType context"),
      username: object({}, names("id name selfUri")),
      clientId: object({}, names("id selfUri")),
      entity: object({}, names("id name selfUri"))
    }
  ),
  clocks: { member: "eventTime", presence: "eventTime", userState: "eventTime" },
  facets: ({ ids: [entityType], subject, body }) => {
    const read = byEntity.get(letters(entityType))
    if (read === undefined) return []
    const clock = parseTime(body.eventTime)
    return read(subject, letters(body.action), body.propertyChanges ?? []).map((facet) => timed(clock, facet))
  },
  example: {
    ids: ["Queue", invented.queue],
    published: "2026-05-06T14:10:34.219Z",
    body: {
      id: "f9b1d3e5-7a2c-4068-8e4f-1b3d5f7a9c20",
      userId: invented.otherAgent,
      serviceName: "ContactCenter",
      eventTime: "2026-05-06T14:10:33.000Z",
      action: "MemberAdd",
      entityType: "Queue",
      entity: { id: invented.queue, name: "Claims" },
      propertyChanges: [{ property: "members", newValues: [invented.agent] }]
    }
  }
})
