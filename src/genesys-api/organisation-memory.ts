import { Clock, Effect } from "effect"
import { CallFailed } from "./call-failed.ts"
import type {
  AgentSession,
  FormerUser,
  Organisation,
  OrganisationName,
  OrganisationPage,
  OrganisationQueue,
  OrganisationUser,
  Waiting
} from "./organisation.ts"

/** What an organisation is. `statuses`: the sessions of each agent; `waiting` and `alerting`: conversations by queue. */
export interface OrganisationFixture {
  readonly users?: ReadonlyArray<OrganisationUser>
  readonly former?: ReadonlyArray<FormerUser>
  readonly statuses?: Readonly<Record<string, ReadonlyArray<AgentSession>>>
  readonly queues?: ReadonlyArray<OrganisationQueue>
  /** Who is joined, by queue. */
  readonly members?: Readonly<Record<string, ReadonlyArray<string>>>
  readonly waiting?: Readonly<Record<string, ReadonlyArray<Waiting>>>
  readonly alerting?: Readonly<Record<string, ReadonlyArray<Waiting>>>
  readonly presences?: ReadonlyArray<OrganisationName>
  readonly wrapUpCodes?: ReadonlyArray<OrganisationName>
  readonly divisions?: ReadonlyArray<OrganisationName>
}

const own = <A>(of: Readonly<Record<string, A>> | undefined, id: string): A | undefined =>
  of !== undefined && Object.hasOwn(of, id) ? of[id] : undefined

/** An organisation in memory, as `fixture` says at each request. `pageSize`: items on a page, `usersOnPage` on one of users. */
export const organisationMemory = (
  fixture: () => OrganisationFixture,
  pageSize = 100,
  usersOnPage = pageSize
): Organisation["Service"] => {
  let requests = 0
  const asked = Effect.andThen(
    Effect.sync(() => {
      requests++
    }),
    Clock.currentTimeMillis
  )
  const page = Effect.fnUntraced(function* <A>(
    call: string,
    all: ReadonlyArray<A> | undefined,
    next: string = "0",
    size: number = pageSize
  ) {
    const at = yield* asked
    if (all === undefined) return yield* new CallFailed({ reason: "notFound", call, status: 404 })
    const start = Number(next)
    const end = start + size
    return {
      asked: at,
      items: all.slice(start, end),
      total: all.length,
      complete: true,
      ...(end < all.length ? { next: String(end) } : {})
    } satisfies OrganisationPage<A> & { complete: boolean }
  })

  return {
    users: (next) => page("GET /api/v2/users", fixture().users ?? [], next, usersOnPage),
    former: (wanted) => (next) => {
      const found = (fixture().former ?? []).filter(({ state }) => state === wanted)
      return page("GET /api/v2/users", found, next, usersOnPage)
    },
    queues: (next) => page("GET /api/v2/routing/queues", fixture().queues ?? [], next),
    members: (queueId, next) => {
      const { queues = [], members } = fixture()
      const joined = queues.some(({ id }) => id === queueId) ? (own(members, queueId) ?? []) : undefined
      const items = joined?.map((userId) => ({ userId, joined: true }))
      return page("GET /api/v2/routing/queues/{id}/members", items, next)
    },
    presences: (next) => page("GET /api/v2/presence/definitions", fixture().presences ?? [], next),
    wrapUpCodes: (next) => page("GET /api/v2/routing/wrapupcodes", fixture().wrapUpCodes ?? [], next),
    divisions: (next) => page("GET /api/v2/authorization/divisions", fixture().divisions ?? [], next),
    statuses: (userIds) =>
      Effect.map(asked, (at) => {
        const { statuses, users = [] } = fixture()
        const known = userIds.filter((id) => users.some((user) => user.id === id))
        return {
          asked: at,
          items: known.map((userId) => ({ userId, complete: true, sessions: own(statuses, userId) ?? [] }))
        }
      }),
    observations: (queueIds) =>
      Effect.map(asked, (at) => {
        const { queues = [], waiting, alerting } = fixture()
        const known = queueIds.filter((id) => queues.some((queue) => queue.id === id))
        return {
          asked: at,
          items: known.map((queueId) => ({
            queueId,
            complete: true,
            waiting: own(waiting, queueId) ?? [],
            alerting: own(alerting, queueId) ?? []
          }))
        }
      }),
    requests: Effect.sync(() => requests)
  }
}
