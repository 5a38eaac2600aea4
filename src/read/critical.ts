import { Effect, Result } from "effect"
import { type Availability, availability, effectiveState, normalisePresence } from "../genesys/presence.ts"
import { parseTime } from "../genesys/time.ts"
import type { NoAnswer } from "../genesys-api/error.ts"
import type { Facet, GenesysSnapshot } from "../genesys-api/snapshot.ts"
import type { Agent } from "./answers.ts"
import { type NotConfirmed, notConfirmed, unordered } from "./critical-error.ts"

/** A source that can decide a facet. */
export type Source = "genesys" | "projection"

/** A decided facet. Times are ISO-8601 strings in UTC with milliseconds. */
export interface DecidedFacet extends Facet {
  /** The source with the newer clock. */
  readonly decidedBy: Source
  /** Since when the value of each source holds, as the source states it; absent if it states none. */
  readonly clocks: { readonly [S in Source]?: string }
}

/** An agent from Genesys and the projection together, each facet from the newer of the two. */
export interface Decision {
  readonly agentId: string
  /** In the words of Genesys, as in the column `state` of the agents. */
  readonly state: string
  readonly since?: string
  /** Whether the agent would be offered new work; `possibly` depends on utilisation. */
  readonly availability: Availability
  readonly presence: DecidedFacet
  readonly routingStatus: DecidedFacet
}

const clocksOf = (genesys: Facet, projection: Facet | undefined): DecidedFacet["clocks"] => ({
  ...(genesys.since === undefined ? {} : { genesys: genesys.since }),
  ...(projection?.since === undefined ? {} : { projection: projection.since })
})

/** Undefined where the sources contradict each other and cannot be ordered. */
const decideFacet = (genesys: Facet, projection: Facet | undefined): DecidedFacet | undefined => {
  const clocks = clocksOf(genesys, projection)
  const [ours, theirs] = [parseTime(projection?.since), parseTime(genesys.since)]
  if (projection === undefined || ours === undefined) return { ...genesys, decidedBy: "genesys", clocks }
  if (theirs === undefined)
    return projection.value === genesys.value ? { ...projection, decidedBy: "projection", clocks } : undefined
  // Of two updates at one time the later publication wins, here as in a fold, and Genesys was asked last.
  return theirs >= ours
    ? { ...genesys, decidedBy: "genesys", clocks }
    : { ...projection, decidedBy: "projection", clocks }
}

const facetOf = (value: string | undefined, since: string | undefined): Facet | undefined =>
  value === undefined ? undefined : { value, ...(since === undefined ? {} : { since }) }

/** The decision by both sources; fails where they contradict each other and nothing says which is newer. Pure. */
export const decide = (
  agentId: string,
  genesys: GenesysSnapshot,
  projected: Agent | undefined
): Result.Result<Decision, NotConfirmed> => {
  const presence = decideFacet(genesys.presence, facetOf(projected?.presence, projected?.presenceSince))
  const routingStatus = decideFacet(
    genesys.routingStatus,
    facetOf(projected?.routingStatus, projected?.routingStatusSince)
  )
  if (presence === undefined || routingStatus === undefined) return Result.fail(unordered(projected as Agent))
  // Nobody can log in who was deleted or deactivated, and Genesys was asked now.
  const isOnline = normalisePresence(genesys.presence.value) !== "OFFLINE"
  const known = {
    presence: presence.value,
    routingStatus: routingStatus.value,
    userState: isOnline ? undefined : projected?.userState
  }
  // Genesys is not asked for it: it changes what is shown, and not what is offered to the agent.
  const { state, decidedBy } = effectiveState({ ...known, outOfOffice: projected?.outOfOffice })
  const since =
    decidedBy === "outOfOffice" || decidedBy === "userState"
      ? projected?.since
      : { presence, routingStatus }[decidedBy ?? "presence"].since
  return Result.succeed({
    agentId,
    state,
    ...(decidedBy === undefined || since === undefined ? {} : { since }),
    availability: availability(known),
    presence,
    routingStatus
  })
}

/**
 * What an agent is, for a decision that must not be wrong: asks Genesys now, reads the projection at the same time, and takes the newer of
 * both for each facet. Fails closed, with what the projection said, where Genesys does not answer.
 */
export const critical = <E>(
  agentId: string,
  snapshot: Effect.Effect<GenesysSnapshot, NoAnswer>,
  projection: Effect.Effect<Agent | undefined, E>
): Effect.Effect<Decision, NotConfirmed | E> =>
  Effect.flatMap(Effect.all([projection, Effect.result(snapshot)], { concurrency: 2 }), ([projected, answer]) =>
    Result.isFailure(answer)
      ? Effect.fail(notConfirmed(projected, answer.failure))
      : Effect.fromResult(decide(agentId, answer.success, projected))
  )
