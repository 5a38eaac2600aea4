import { Clock, Effect, Layer } from "effect"
import { CallFailed, describeCall } from "./call-failed.ts"
import { type Call, GenesysCalls, layerGenesysCalls } from "./calls.ts"
import { type Fields, textOf } from "./http.ts"
import type { GenesysOptions } from "./options.ts"
import { type FormerState, Organisation, type OrganisationPage } from "./organisation.ts"
import {
  entitiesOf,
  formerOf,
  labelKeys,
  memberOf,
  nameOf,
  observationsOf,
  presenceNameOf,
  queueOf,
  statusOf,
  userOf
} from "./organisation-fields.ts"
import type { SecretAccess } from "./secret.ts"

const USERS =
  "/api/v2/users?pageSize=500&sortOrder=ASC&state=active&expand=presence,routingStatus,conversationSummary,outOfOffice,station,team"
/** What they do is of no interest. */
const former = (state: FormerState) => `/api/v2/users?pageSize=500&sortOrder=ASC&state=${state}`
const QUEUES = "/api/v2/routing/queues?pageSize=100&sortOrder=asc"
const PRESENCES = "/api/v2/presence/definitions?localeCode=ALL"
const ORGANISATION = "/api/v2/organizations/me"
const WRAP_UP_CODES = "/api/v2/routing/wrapupcodes?pageSize=100"
const DIVISIONS = "/api/v2/authorization/divisions?pageSize=100"
const STATUSES = "/api/v2/analytics/agents/status/query"
const OBSERVATIONS = "/api/v2/analytics/queues/observations/query"

/** Those for whom the queue is active: who is a member otherwise counts as not joined, to events as well. */
const membersOf = (queueId: string) =>
  `/api/v2/routing/queues/${encodeURIComponent(queueId)}/members?pageSize=100&joined=true`

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined

const pageNumber = (path: URL): number => Number(path.searchParams.get("pageNumber") ?? 1)

const url = (path: string): URL => new URL(path, "https://api.invalid")

/** There is no next page, although the API says so. */
const NO_PAGE = Symbol()

/**
 * The path of the page after this one. The API says that there is one by a `nextUri`, or by the number of pages. What the first page was
 * asked to expand is asked for again: a `nextUri` may have lost it. A `nextUri` that is none, or leads back, is `NO_PAGE`: whoever follows it
 * goes round in circles.
 */
const nextOf = (path: string, first: string, body: Fields): string | typeof NO_PAGE | undefined => {
  const here = url(path)
  const number = pageNumber(here)
  const uri = textOf(body.nextUri)
  const pages = numberOf(body.pageCount)
  if (uri === undefined && (pages === undefined || number >= pages)) return undefined
  if (uri !== undefined && !URL.canParse(uri, here.href)) return NO_PAGE
  const next = url(uri === undefined ? path : uri)
  if (uri === undefined) next.searchParams.set("pageNumber", String(number + 1))
  for (const [name, value] of url(first).searchParams)
    if (!next.searchParams.has(name)) next.searchParams.set(name, value)
  const leadsBack = next.searchParams.has("pageNumber") && !(pageNumber(next) > number)
  const following = `${url(first).pathname}${next.search}`
  return leadsBack || following === path ? NO_PAGE : following
}

/**
 * Whether a page that says of no other is the last one. A full page that says neither how many pages nor how many things there are may have
 * more behind it, and so has one that counts more than were read.
 */
const endsList = (path: string, entities: number, body: Fields): boolean => {
  const here = url(path)
  const size = Number(here.searchParams.get("pageSize"))
  const total = numberOf(body.total)
  if (total !== undefined) return (pageNumber(here) - 1) * size + entities >= total
  return entities < size || numberOf(body.pageCount) !== undefined
}

const predicates = (dimension: string, ids: ReadonlyArray<string>) => ({
  type: "or",
  predicates: ids.map((value) => ({ dimension, value }))
})

const statusQuery = (userIds: ReadonlyArray<string>) => ({ userFilter: predicates("userId", userIds) })

// The number of agents is in a group of its own, so that a queue in which nothing waits is in the answer.
const observationQuery = (queueIds: ReadonlyArray<string>) => ({
  filter: {
    type: "or",
    predicates: queueIds.map((value) => ({ type: "dimension", dimension: "queueId", operator: "matches", value }))
  },
  metrics: ["oWaiting", "oAlerting", "oOnQueueUsers"],
  detailMetrics: ["oWaiting", "oAlerting"]
})

/** The organisation through calls to its API. */
export const makeOrganisation = Effect.gen(function* () {
  const { request, sent } = yield* GenesysCalls

  const unreadable = ({ method = "GET", path }: Call) =>
    new CallFailed({ reason: "unreadable", call: describeCall(method, path) })

  const asked = Effect.fnUntraced(function* (call: Call) {
    const at = yield* Clock.currentTimeMillis
    return { at, body: yield* request(call) }
  })

  /** Reads pages of what begins with `first`. */
  const page = Effect.fnUntraced(function* <A>(
    first: string,
    read: (body: Fields) => A | undefined,
    path: string = first
  ) {
    const { at, body } = yield* asked({ path })
    const entities = entitiesOf(body)
    if (entities === undefined) return yield* unreadable({ path })
    const total = numberOf(body.total)
    const next = nextOf(path, first, body)
    // Nobody is on the first page of some.
    if (next === NO_PAGE || (entities.length === 0 && path === first && (total ?? 0) > 0))
      return yield* unreadable({ path })
    const items = entities.map(read).filter((item) => item !== undefined)
    return {
      asked: at,
      items,
      complete: items.length === entities.length && (next !== undefined || endsList(path, entities.length, body)),
      ...(next === undefined ? {} : { next }),
      ...(total === undefined ? {} : { total })
    } satisfies OrganisationPage<A> & { complete: boolean }
  })

  /** A query that changes nothing, though it is a POST. */
  const query = Effect.fnUntraced(function* <A>(path: string, body: Fields, read: (body: Fields) => A | undefined) {
    const call = { method: "POST", path, body, repeatable: true } as const
    const { at, body: said } = yield* asked(call)
    const items = read(said)
    return items === undefined ? yield* unreadable(call) : { asked: at, items }
  })

  /** In which labels are shown. Where the organisation does not say, it is English. */
  const language = request({ path: ORGANISATION }).pipe(
    Effect.map(({ defaultLanguage }) => textOf(defaultLanguage)),
    Effect.catchIf(
      ({ reason }) => reason === "forbidden" || reason === "notFound",
      () => Effect.undefined
    )
  )

  return Organisation.of({
    users: (next) => page(USERS, userOf, next),
    former: (state) => (next) => page(former(state), formerOf(state), next),
    queues: (next) => page(QUEUES, queueOf, next),
    members: (queueId, next) => page(membersOf(queueId), memberOf, next),
    presences: (next) => Effect.flatMap(language, (spoken) => page(PRESENCES, presenceNameOf(labelKeys(spoken)), next)),
    wrapUpCodes: (next) => page(WRAP_UP_CODES, nameOf, next),
    divisions: (next) => page(DIVISIONS, nameOf, next),
    statuses: (userIds) =>
      query(STATUSES, statusQuery(userIds), (body) => {
        // Nobody is left out of an answer without entities: nobody is in it.
        const entities = entitiesOf(body) ?? (Object.keys(body).length === 0 ? [] : undefined)
        const statuses = entities?.map(statusOf).filter((status) => status !== undefined)
        // Of two statuses of one agent nobody knows which is whole.
        return statuses?.filter(({ userId }) => statuses.filter((one) => one.userId === userId).length === 1)
      }),
    observations: (queueIds) => query(OBSERVATIONS, observationQuery(queueIds), observationsOf),
    requests: sent
  })
})

/** Returns the layer of an organisation with these options. Fails with `BadOption` for one that cannot be used. */
export const layerOrganisation = (options: GenesysOptions, access: SecretAccess = {}) =>
  Layer.provide(Layer.effect(Organisation, makeOrganisation), layerGenesysCalls(options, access))
