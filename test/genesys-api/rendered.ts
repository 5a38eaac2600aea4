import { iso } from "../../src/domain/stamp.ts"
import type { OrganisationUser, Waiting } from "../../src/genesys-api/organisation.ts"
import type { OrganisationFixture } from "../../src/genesys-api/organisation-memory.ts"
import { type Answer, type Asked, problem } from "./fetch.ts"

const time = (ms: number | undefined) => (ms === undefined ? undefined : iso(ms))

/** "On Queue", as user REST spells `ON_QUEUE`. */
const display = (presence: string) =>
  presence
    .split("_")
    .map((word) => word[0] + word.slice(1).toLowerCase())
    .join(" ")

const userBody = (user: OrganisationUser) => ({
  id: user.id,
  name: user.name,
  email: user.email,
  state: user.state,
  division: user.division && { id: user.division, name: "of no interest here" },
  team: user.team && { id: user.team },
  presence: user.presence && {
    primary: true,
    presenceDefinition: {
      id: user.presence.value.definitionId,
      systemPresence: display(user.presence.value.systemPresence)
    },
    modifiedDate: time(user.presence.since)
  },
  routingStatus: user.routingStatus && {
    userId: user.id,
    status: user.routingStatus.value,
    startTime: time(user.routingStatus.since)
  },
  outOfOffice: user.outOfOffice === undefined ? undefined : { active: user.outOfOffice },
  station: user.station === undefined ? undefined : user.station === null ? {} : { associatedStation: user.station },
  conversationSummary: Object.fromEntries(
    user.conversations.map(({ media, value: { active, acw } }) => [media, { contactCenter: { active, acw } }])
  )
})

const group = (queueId: string, mediaType: string | undefined, waits: ReadonlyArray<Waiting>, metric: string) => ({
  group: { queueId, mediaType },
  data: [
    {
      metric,
      stats: { count: waits.length },
      ...(mediaType === undefined
        ? {}
        : {
            truncated: false,
            observations: waits.map(({ conversationId, sessionId, since, direction }) => ({
              conversationId,
              sessionId,
              observationDate: time(since),
              direction: direction?.toLowerCase(),
              participantName: "kanarie"
            }))
          })
    }
  ]
})

const observed = (queueId: string, waits: ReadonlyArray<Waiting>, metric: string) =>
  [...Map.groupBy(waits, ({ mediaType }) => mediaType?.toLowerCase())].map(([media, of]) =>
    group(queueId, media, of, metric)
  )

const valuesIn = (body: string | undefined): ReadonlyArray<string> => {
  const { filter, userFilter } = JSON.parse(body ?? "{}")
  return (filter ?? userFilter).predicates.map(({ value }: { value: string }) => value)
}

/** The organisation as its API writes it. A page has as many items as it is asked for, at most. */
export const rendered =
  (fixture: () => OrganisationFixture, most: number) =>
  ({ method, path, body }: Asked): Answer => {
    const { pathname, searchParams } = new URL(path, "https://x")
    const size = Math.min(Number(searchParams.get("pageSize") ?? 25), most)
    const number = Number(searchParams.get("pageNumber") ?? 1)
    const { users = [], former = [], queues = [], ...more } = fixture()
    const { statuses = {}, members = {}, waiting = {}, alerting = {}, ...names } = more
    const page = (all: ReadonlyArray<unknown>, counted = true): Answer => {
      const following = new URLSearchParams({ pageSize: String(size), pageNumber: String(number + 1) })
      const isLast = number * size >= all.length
      return {
        body: {
          entities: all.slice((number - 1) * size, number * size),
          pageNumber: number,
          ...(counted ? { total: all.length, pageCount: Math.ceil(all.length / size) } : {}),
          ...(!isLast && !counted ? { nextUri: `${pathname}?${following}` } : {})
        }
      }
    }
    const own = <A>(of: Readonly<Record<string, ReadonlyArray<A>>>, id: string) => of[id] ?? []
    switch (`${method} ${pathname}`) {
      case "GET /api/v2/users": {
        const state = searchParams.get("state")
        return page(state === "active" ? users.map(userBody) : former.filter((user) => user.state === state))
      }
      case "GET /api/v2/routing/queues":
        return page(queues.map(({ id, name, division }) => ({ id, name, division: division && { id: division } })))
      case "GET /api/v2/presence/definitions":
        return page(
          (names.presences ?? []).map(({ id, name }) => ({ id, languageLabels: { en_US: name, de: `${name}!` } }))
        )
      case "GET /api/v2/organizations/me":
        return { body: { id: "organisation-1", defaultLanguage: "en-us" } }
      case "GET /api/v2/routing/wrapupcodes":
        return page(names.wrapUpCodes ?? [])
      case "GET /api/v2/authorization/divisions":
        return page(names.divisions ?? [])
      case "POST /api/v2/analytics/agents/status/query": {
        const known = valuesIn(body).filter((id) => users.some((user) => user.id === id))
        const entities = known.map((userId) => ({
          userId,
          sessionCount: own(statuses, userId).length,
          sessions: own(statuses, userId).map((session) => ({
            sessionId: session.sessionId,
            conversationId: session.conversationId,
            segmentType: session.state.toLowerCase(),
            segmentStart: time(session.since),
            sessionStart: time(session.sessionStart),
            routedQueueId: session.queueId,
            mediaType: session.mediaType?.toLowerCase(),
            originatingDirection: session.direction?.toLowerCase()
          }))
        }))
        return { body: { entities } }
      }
      case "POST /api/v2/analytics/queues/observations/query": {
        const known = valuesIn(body).filter((id) => queues.some((queue) => queue.id === id))
        const results = known.flatMap((id) => [
          ...observed(id, own(waiting, id), "oWaiting"),
          ...observed(id, own(alerting, id), "oAlerting"),
          group(id, undefined, [], "oOnQueueUsers")
        ])
        return { body: { systemToOrganizationMappings: {}, results } }
      }
    }
    const queueId = /^\/api\/v2\/routing\/queues\/([^/]+)\/members$/.exec(pathname)?.[1]
    if (queueId === undefined || !queues.some(({ id }) => id === queueId)) return problem(404, "not.found")
    const joined = own(members, queueId).map((id) => ({ id, user: { id, name: "kanarie" }, joined: true }))
    return page(joined, false)
  }
