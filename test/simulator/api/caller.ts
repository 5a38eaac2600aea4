import {
  makeOrganisation,
  type Organisation,
  type OrganisationOptions,
  SIMULATED_CLIENT
} from "../../../src/simulator/api/organisation.ts"
import type { ApiRequest } from "../../../src/simulator/api/route.ts"
import type { SimulatorOptions } from "../../../src/simulator/simulator.ts"
import { open, options } from "../record.ts"

export type Fields = Readonly<Record<string, unknown>>

export const START = options.start

/** A contact centre some minutes into its day, and its API. */
export const organisationOf = (changes: Partial<SimulatorOptions> = {}, api: Partial<OrganisationOptions> = {}) => {
  const centre = open({ rate: 20, lived: 240_000, ...changes })
  return { centre, organisation: makeOrganisation({ centre, seed: 7, ...api }) }
}

export const tokenRequest = ({ clientId, clientSecret } = SIMULATED_CLIENT): ApiRequest => ({
  method: "POST",
  path: "/oauth/token",
  headers: {
    authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
    "content-type": "application/x-www-form-urlencoded"
  },
  body: "grant_type=client_credentials"
})

/** A token; asked for again as long as the login fails. */
export const tokenOf = (organisation: Organisation, at: number, client = SIMULATED_CLIENT): string => {
  const { status, body } = organisation.answer(tokenRequest(client), at)
  return status >= 500 ? tokenOf(organisation, at, client) : String((JSON.parse(body) as Fields).access_token)
}

/** Asks as a client that holds a token. */
export const callerOf = (organisation: Organisation, at: number, client = SIMULATED_CLIENT) => {
  const authorization = `Bearer ${tokenOf(organisation, at, client)}`
  const send = (method: string, path: string, body?: unknown, later = at) =>
    organisation.answer(
      { method, path, headers: { authorization }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
      later
    )
  const fields = (response: ReturnType<typeof send>): Fields => {
    if (response.status !== 200) throw new Error(`${response.status}: ${response.body}`)
    return JSON.parse(response.body) as Fields
  }
  return {
    send,
    get: (path: string, later = at) => fields(send("GET", path, undefined, later)),
    post: (path: string, body: unknown, later = at) => fields(send("POST", path, body, later)),
    /** All entities, from page to page as `nextUri` says. */
    all: (path: string, later = at): ReadonlyArray<Fields> => {
      const entities: Array<Fields> = []
      for (let next: string | undefined = path; next !== undefined; ) {
        const page = fields(send("GET", next, undefined, later))
        entities.push(...(page.entities as ReadonlyArray<Fields>))
        next = page.nextUri as string | undefined
      }
      return entities
    }
  }
}
