/** What `endedBy` says where an agent's session was ended by an event of its own. Here alone, as the wallboard's page needs no more. */
export const SESSION_ENDS: ReadonlySet<unknown> = new Set(["user.end", "TERMINATED", "acw"])

/** What it says of a customer's wait that was ended by its own event. */
export const WAIT_END = "acd.end"

/** What it says where a session's or a wait's own end came. */
export const OWN_ENDS: ReadonlySet<unknown> = new Set([...SESSION_ENDS, WAIT_END])
