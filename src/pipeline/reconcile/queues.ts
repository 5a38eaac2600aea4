import { Effect } from "effect"
import { CallFailed } from "../../genesys-api/call-failed.ts"
import { Organisation, type QueueMember, type QueueObservation } from "../../genesys-api/organisation.ts"
import { Directory } from "../../store/directory.ts"
import type { Answer, Compared, Held, QueueAnswer, SaidOfMembers } from "./answers.ts"
import { noCounts } from "./checkpoint.ts"
import { compareQueue, TOLD_MS } from "./compare.ts"
import { countsOf } from "./counts.ts"
import { compareSettled, type Looked } from "./look.ts"
import type { Unit } from "./unit.ts"

/** Queues whose members are read at a time; the pace is the same for all. */
const AT_ONCE = 4

/** Pages of a queue's members. */
const MOST_MEMBER_PAGES = 1_000

/** A page of queues: their names go into the directory, and they themselves are looked at next. */
export const queuesPage = Effect.fnUntraced(function* (next: string | undefined) {
  const page = yield* (yield* Organisation).queues(next)
  yield* (yield* Directory).put(
    page.items.map(({ id, name, division }) => ({
      kind: "queues" as const,
      id,
      at: page.asked,
      ...(name === undefined ? {} : { name }),
      ...(division === undefined ? {} : { division })
    }))
  )
  return {
    counts: noCounts,
    pending: page.items.map(({ id }) => id),
    ...(page.next === undefined ? {} : { next: page.next }),
    ...(page.total === undefined ? {} : { total: page.total })
  } satisfies Unit
})

/** What was listed, and whether on more than one page. */
interface Listed {
  readonly members: Answer<SaidOfMembers>
  readonly paged: boolean
}

/** All pages of a queue's members. Undefined for a queue that is gone since it was listed. */
const membersOf = Effect.fnUntraced(
  function* (queueId: string) {
    const { members } = yield* Organisation
    const items = new Map<string, QueueMember>()
    let complete = true
    let pages = 0
    let first: number | undefined
    for (let next: string | undefined; pages === 0 || next !== undefined; pages++) {
      if (pages >= MOST_MEMBER_PAGES)
        return yield* new CallFailed({ reason: "endless", call: "GET /api/v2/routing/queues/{id}/members" })
      const page = yield* members(queueId, next)
      const before = items.size
      first ??= page.asked
      for (const member of page.items) items.set(member.userId, member)
      // A page that holds nobody new is one of before, and so may all be that follow it.
      const repeats = page.next !== undefined && items.size === before
      complete &&= page.complete && !repeats
      next = repeats ? undefined : page.next
    }
    const said = { complete, items: [...items.values()] }
    return { members: { asked: first ?? 0, said }, paged: pages > 1 } as Listed
  },
  Effect.catchIf(
    (error: CallFailed) => error.reason === "notFound",
    () => Effect.undefined
  )
)

const leavesSomebody = ({ missing }: Compared): boolean => missing.some(({ kind }) => kind === "member")

/**
 * Whoever leaves while pages are read moves the others forward, and one of them from a page that is still to be read to one that has been.
 * And a list may be as old as an answer may be, while what the rows know of a member may have no time of its own. So nobody has left a
 * queue who is on its list when that is asked for again.
 */
const secondLook = Effect.fnUntraced(function* (answer: QueueAnswer, held: Held) {
  const compared = compareQueue(answer, held)
  if (!leavesSomebody(compared) || answer.members === undefined) return compared
  const again = yield* membersOf(answer.queueId)
  const { members, ...rest } = answer
  if (again === undefined) return compareQueue(rest, held)
  const both = new Map([...members.said.items, ...again.members.said.items].map((one) => [one.userId, one]))
  const said = { complete: members.said.complete && again.members.said.complete, items: [...both.values()] }
  return compareQueue({ ...rest, members: { asked: members.asked, said } }, held)
})

const rowsNamedBy = (listed: Listed | undefined, observed: QueueObservation | undefined): ReadonlyArray<string> => [
  ...(listed?.members.said.items ?? []).map(({ userId }) => `member#${userId}`),
  ...(observed?.waiting ?? []).flatMap(({ sessionId }) => (sessionId === undefined ? [] : [`session#${sessionId}`]))
]

/** Queues: who is joined and what waits. What differs from the rows of `projection` goes onto the stream. */
export const queuesUnit = Effect.fnUntraced(function* (
  projection: string,
  queueIds: ReadonlyArray<string>,
  heard: number | undefined
) {
  const { observations } = yield* Organisation
  const { asked, items } = yield* observations(queueIds)
  const observed = new Map(items.map((one) => [one.queueId, one]))
  const listed = yield* Effect.forEach(queueIds, membersOf, { concurrency: AT_ONCE })
  const looked = queueIds.map((queueId, i): Looked<QueueAnswer & { readonly paged: boolean }> => {
    const [list, said] = [listed[i], observed.get(queueId)]
    return {
      entity: queueId,
      rows: rowsNamedBy(list, said),
      asked: list?.members.asked ?? asked,
      answer: {
        queueId,
        paged: list?.paged === true,
        ...(list === undefined ? {} : { members: list.members }),
        ...(said === undefined ? {} : { waits: { asked, said } })
      }
    }
  })
  const { compared, later } = yield* compareSettled(projection, looked, heard, ({ paged, ...answer }, held) =>
    // What events should have told is compared again after a while.
    paged || held.read >= (answer.members?.asked ?? held.read) + TOLD_MS
      ? secondLook(answer, held)
      : Effect.succeed(compareQueue(answer, held))
  )
  const members = listed.reduce((sum, one) => sum + (one?.members.said.items.length ?? 0), 0)
  const counts = { ...countsOf(compared), queues: queueIds.length, members }
  return { counts, missing: compared.missing, ...(later === undefined ? {} : { later }) }
})
