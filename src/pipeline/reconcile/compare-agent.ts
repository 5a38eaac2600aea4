import { agents } from "../../../projections/agents.ts"
import { summaryMediumOf } from "../../../projections/presumed.ts"
import { CONVERSATIONS, isZero } from "../../../projections/remembered.ts"
import { lastSeen, sessionIdOf, userSession } from "../../../projections/session.ts"
import { canonical, type Json } from "../../domain/json.ts"
import { STATE_ROW } from "../../domain/projection.ts"
import { emptyRow, merge, type Row } from "../../domain/row.ts"
import type { Load, Presence, Station } from "../../genesys/event.ts"
import type { AgentAnswer, Answer, Compared, Held, SaidOfUser } from "./answers.ts"
import { sessionFindings } from "./compare-sessions.ts"
import { comparedOf, type Finding, facetFinding, isRecent, statedAt, undatedAt } from "./finding.ts"

const found = (finding: Finding | undefined): ReadonlyArray<Finding> => (finding === undefined ? [] : [finding])

/** A load with the counts that are absent where there are none. */
const whole = ({ enterpriseActive = 0, enterpriseAcw = 0, ...acd }: Load): Json => ({
  ...acd,
  enterpriseActive,
  enterpriseAcw
})

const isSamePresence = (a: Presence | undefined, b: Presence): boolean =>
  a?.systemPresence === b.systemPresence && (b.definitionId === undefined || a.definitionId === b.definitionId)

const facetFindings = (agentId: string, state: Row, { asked, said }: Answer<SaidOfUser>): ReadonlyArray<Finding> => {
  const { presence, routingStatus, outOfOffice, station } = said
  const held = <A>(register: string) => state.get(register)?.value as A | undefined
  return [
    presence &&
      facetFinding({ facet: "presence", agentId, value: presence.value }, state.get("presence"), {
        since: presence.since,
        asked,
        isSame: isSamePresence(held("presence"), presence.value)
      }),
    routingStatus &&
      facetFinding({ facet: "routingStatus", agentId, value: routingStatus.value }, state.get("routingStatus"), {
        since: routingStatus.since,
        asked,
        isSame: held("routingStatus") === routingStatus.value
      }),
    outOfOffice === undefined
      ? undefined
      : facetFinding({ facet: "outOfOffice", agentId, value: outOfOffice }, state.get("outOfOffice"), {
          since: undefined,
          asked,
          isSame: held("outOfOffice") === outOfOffice
        }),
    station === undefined
      ? undefined
      : facetFinding({ facet: "station", agentId, value: station }, state.get("station"), {
          since: undefined,
          asked,
          // A name that the API does not give is no other station.
          isSame: held<Station | null>("station")?.id === station?.id
        })
  ].flatMap(found)
}

/** A user of whom no audit told is active, and so is one who has declared a presence since then, as far as the rows go. */
const userStateFinding = (agentId: string, state: Row, { asked, said }: Answer<SaidOfUser>): ReadonlyArray<Finding> => {
  const { presence } = said
  const at = statedAt(presence?.since, asked)
  const stamp = { clock: at, published: at, eventId: "" }
  const told = merge(state, presence ? [["presence", { value: { ...presence.value }, stamp }]] : [])
  if (said.state === undefined || said.state === (agents.view(STATE_ROW, told).userState ?? "active")) return []
  const facet = { facet: "userState", agentId, value: said.state } as const
  return found(facetFinding(facet, state.get("userState"), { since: undefined, asked, isSame: false }))
}

/**
 * Of counts that were never told, those that are zero say nothing new. A zero that was told is told again where sessions of the medium are open
 * that it may end, and no status lists the agent's sessions.
 */
const loadFindings = (
  agentId: string,
  state: Row,
  { asked, said }: Answer<SaidOfUser>,
  mayEnd: (media: string, told: number) => boolean
): ReadonlyArray<Finding> =>
  said.conversations.flatMap(({ media, value }) => {
    const register = state.get(CONVERSATIONS + media)
    const facet = { facet: "conversations", agentId, media, value } as const
    if (register === undefined && isZero(value)) return []
    const isSame = canonical(whole((register?.value ?? {}) as Load)) === canonical(whole(value))
    if (isSame && isZero(value) && mayEnd(media, register?.stamp.clock ?? 0))
      return [{ statement: { facet, at: undatedAt(asked) }, expected: false }]
    return found(facetFinding(facet, register, { since: undefined, asked, isSame }))
  })

/**
 * Compares what the API says of an agent with the agent's rows. States a facet where the API's clock is later than the row's, or where it has
 * none and says something else than a row that has stood for a minute; a session that the API lists and the rows do not hold, or hold in another
 * state; and that a session is over which a complete list of the agent's sessions does not have, and of which nothing was heard
 * for a minute before that was asked for. What was not told, or told of an older time, is not stated.
 */
export const compareAgent = ({ agentId, user, status }: AgentAnswer, held: Held): Compared => {
  const state = held.rows.get(STATE_ROW) ?? emptyRow
  const isListed = status?.said.complete === true
  const open = [...held.rows].flatMap(([row, registers]) =>
    sessionIdOf(row) !== undefined && userSession(registers).phase !== "ended" ? [registers] : []
  )
  const mayEnd = (media: string, told: number) =>
    !isListed &&
    open.some((row) => {
      const last = lastSeen(row)
      return summaryMediumOf(row) === media && last >= told && !isRecent(last, user?.asked ?? 0)
    })
  return comparedOf(
    [
      ...(user === undefined
        ? []
        : [
            ...facetFindings(agentId, state, user),
            ...userStateFinding(agentId, state, user),
            ...loadFindings(agentId, state, user, mayEnd)
          ]),
      ...(status === undefined ? [] : sessionFindings(agentId, status, user?.said.conversations, held))
    ],
    held,
    isListed ? { session: open.length } : {}
  )
}
