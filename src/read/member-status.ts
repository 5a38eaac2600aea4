import {
  type Availability,
  availability,
  type Known,
  normalisePresence,
  normaliseRoutingStatus
} from "../genesys/presence.ts"
import type { MemberStatus } from "./answers.ts"

const statuses: Readonly<Record<Availability, MemberStatus>> = {
  yes: "idle",
  possibly: "interacting",
  no: "offQueue",
  unknown: "unknown"
}

/** What a joined member of a queue does, from the columns of its agent; nothing known: `unknown`. */
export const memberStatusOf = (known: Known): MemberStatus => {
  const status = statuses[availability(known)]
  const { presence = "", routingStatus = "" } = known
  return status === "offQueue" &&
    normalisePresence(presence) === "ON_QUEUE" &&
    normaliseRoutingStatus(routingStatus) === "NOT_RESPONDING"
    ? "notResponding"
    : status
}
