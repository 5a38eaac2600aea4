import { MEMBER, membershipOf } from "../../../projections/membership.ts"
import { derivedIn } from "../../domain/derivation.ts"
import { asOf, emptyRow, type Row } from "../../domain/row.ts"
import type { Answer, Compared, Held, QueueAnswer, SaidOfMembers } from "./answers.ts"
import { openWaits, waitFindings } from "./compare-waits.ts"
import { comparedOf, type Finding, isRecent, isToldByEvents, undatedAt } from "./finding.ts"

/** When something was last told of a member: directly, or by the agent's own list, where that has a time. */
const lastSign = (row: Row): number => Math.max(asOf(row)?.clock ?? 0, derivedIn(row, "listed")?.stamp.clock ?? 0)

const memberFinding = (
  queueId: string,
  {
    userId,
    joined = false,
    asked
  }: { readonly userId: string; readonly joined?: boolean | undefined; readonly asked: number },
  row: Row,
  isListed: boolean
): ReadonlyArray<Finding> =>
  (membershipOf(row)?.joined ?? false) === joined || isRecent(lastSign(row), asked)
    ? []
    : [
        {
          statement: { facet: { facet: "member", queueId, userId, joined }, at: undatedAt(asked) },
          expected: isToldByEvents(row),
          ...(isListed ? {} : { missing: "member" as const })
        }
      ]

/** Members as the API lists them. Who is not on a complete list has not joined. */
const memberFindings = (
  queueId: string,
  { asked, said }: Answer<SaidOfMembers>,
  { rows }: Held
): ReadonlyArray<Finding> => {
  const listed = new Map(said.items.map(({ userId, joined }) => [userId, joined]))
  const others = said.complete
    ? [...rows.keys()].flatMap((row) => (row.startsWith(MEMBER) ? [row.slice(MEMBER.length)] : []))
    : []
  return [...new Set([...listed.keys(), ...others])].flatMap((userId) => {
    const member = { userId, joined: listed.get(userId), asked }
    return memberFinding(queueId, member, rows.get(MEMBER + userId) ?? emptyRow, listed.has(userId))
  })
}

const joinedIn = ({ rows }: Held): number =>
  [...rows].filter(([name, row]) => name.startsWith(MEMBER) && membershipOf(row)?.joined === true).length

/**
 * Compares what the API says of a queue with the queue's rows: who is joined, and what waits. A member has no clock of the API's, so a difference
 * is stated as of the request, and not where the row has changed within a minute before it.
 *
 * Sessions of agents in the queue follow from what the agents' own status says (`compareAgent`): observations count some of them only, and two
 * answers that disagree would close and open one in turn.
 */
export const compareQueue = ({ queueId, members, waits }: QueueAnswer, held: Held): Compared =>
  comparedOf(
    [
      ...(members === undefined ? [] : memberFindings(queueId, members, held)),
      ...(waits === undefined ? [] : waitFindings(queueId, waits, held))
    ],
    held,
    {
      ...(members?.said.complete === true ? { member: joinedIn(held) } : {}),
      ...(waits?.said.complete === true ? { wait: openWaits(held) } : {})
    }
  )
