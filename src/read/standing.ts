import {
  type Availability,
  availability,
  type Known,
  normalisePresence,
  normaliseRoutingStatus
} from "../genesys/presence.ts"
import type { Standing } from "./answers.ts"

const standings: Readonly<Record<Availability, Standing>> = {
  yes: "idle",
  possibly: "interacting",
  no: "offQueue",
  unknown: "unknown"
}

/** What a joined member of a queue does, from the columns of its agent; nothing known: `unknown`. */
export const standingOf = (known: Known): Standing => {
  const standing = standings[availability(known)]
  const { presence = "", routingStatus = "" } = known
  return standing === "offQueue" &&
    normalisePresence(presence) === "ON_QUEUE" &&
    normaliseRoutingStatus(routingStatus) === "NOT_RESPONDING"
    ? "notResponding"
    : standing
}
