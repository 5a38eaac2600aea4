import { defined, labelsOf } from "../presences.ts"
import { paged } from "./page.ts"
import { type Asked, ok, type Reply, type Route } from "./route.ts"
import { divisionOf } from "./users.ts"

const MADE = "2024-01-15T09:00:00.000Z"

const definitions = ({ population }: Asked): Reply => {
  const entities = [...population.definitions].flatMap(([system, ids]) =>
    ids.map((id, index) => ({
      id,
      type: index === 0 ? "System" : "User",
      languageLabels: labelsOf(system, index),
      systemPresence: defined(system),
      divisionId: "*",
      deactivated: false,
      createdDate: MADE,
      modifiedDate: MADE,
      selfUri: `/api/v2/presence/definitions/${id}`
    }))
  )
  return ok({ total: entities.length, entities, selfUri: "/api/v2/presence/definitions" })
}

const wrapupCodes = (asked: Asked): Reply => {
  const [division] = asked.population.divisions
  return paged(asked, 500, asked.population.wrapupCodes, ({ id, name }) => ({
    id,
    name,
    ...(division === undefined ? {} : { division: divisionOf({ division }) }),
    dateCreated: MADE,
    selfUri: `/api/v2/routing/wrapupcodes/${id}`
  }))
}

const divisions = (asked: Asked): Reply =>
  paged(asked, 500, asked.population.divisions, ({ id, name }) => ({
    id,
    name,
    description: "",
    homeDivision: id === asked.population.divisions[0]?.id,
    selfUri: `/api/v2/authorization/divisions/${id}`
  }))

const organisation = ({ organisation: id }: Asked): Reply =>
  ok({
    id,
    name: "Simulated contact centre",
    defaultLanguage: "en-us",
    defaultCountryCode: "US",
    domain: "simulated-contact-centre",
    version: 1,
    state: "active",
    productPlatform: "PureCloud",
    selfUri: `/api/v2/organizations/${id}`
  })

/** What names the things that events speak of by their ids. */
export const listRoutes: ReadonlyArray<Route> = [
  { method: "GET", path: "/api/v2/presence/definitions", reply: definitions },
  {
    method: "GET",
    path: "/api/v2/routing/wrapupcodes",
    permissions: ["routing:wrapupCode:view"],
    reply: wrapupCodes
  },
  { method: "GET", path: "/api/v2/authorization/divisions", reply: divisions },
  { method: "GET", path: "/api/v2/organizations/me", reply: organisation }
]
