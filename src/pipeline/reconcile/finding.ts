import type { Register, Row } from "../../domain/row.ts"
import { isSnapshotId, type Stated, type Statement } from "../../genesys/snapshot.ts"
import type { ByKind, Compared, Counts, Held, MissingKind, Told } from "./answers.ts"

/**
 * How much older (ms) than the request the last sign of something must be for an answer to speak against it without a clock of its own. The API
 * is eventually consistent: it may answer with what was so a moment ago.
 */
export const MARGIN_MS = 60_000

/** How long (ms) after it began events have told a fact, and rows hold it: the settle window, and ample time on the way. */
export const TOLD_MS = 20_000

/** How far (ms) apart two sources may put the same change. */
export const SKEW_MS = 1_000

/**
 * One thing that the API says and the rows do not. `expected`: events should tell of it. They have told of the same thing before, or it is of a
 * session that began since they are known to come. `missing`: it follows from what a complete answer leaves out.
 */
export interface Finding {
  readonly statement: Statement
  readonly expected: boolean
  readonly missing?: MissingKind
}

/** Whether events, and not only snapshots, have told a register. */
export const isByEvent = ({ stamp }: Register): boolean => !isSnapshotId(stamp.eventId)

/** Whether events have told anything of a row. */
export const isToldByEvents = (row: Row): boolean => [...row.values()].some(isByEvent)

/**
 * Since when something is so, where the answer says that. A time long after the request is none: stated as it is, it would be later than all that
 * events tell, and be stated again by every sweep.
 */
export const believed = (since: number | undefined, asked: number): number | undefined =>
  since !== undefined && since <= asked + MARGIN_MS ? since : undefined

/**
 * How old (ms) at most what an answer says is taken to be. Whatever an event says of that time is newer, though it may come later; and what is
 * stated has settled when it is sent, so that a first picture is seen at once.
 */
export const AGE_MS = 5_000

/** As of when an answer without a clock of its own is stated: the time of the request, less what it may be behind. */
export const undatedAt = (asked: number): number => asked - AGE_MS

/** Since when the answer holds: what it says itself, or else `undatedAt`. */
export const statedAt = (since: number | undefined, asked: number): number => believed(since, asked) ?? undatedAt(asked)

/** Whether something was heard of so recently that an answer without a clock does not count against it. */
export const isRecent = (clock: number, asked: number): boolean => clock > asked - MARGIN_MS

/**
 * What is to be stated of a facet that one register holds; undefined: nothing. With a clock the answer must be later than the register. Without
 * one it must say something else than a register that has stood for a while.
 */
export const facetFinding = (
  facet: Stated,
  held: Register | undefined,
  said: { readonly since: number | undefined; readonly asked: number; readonly isSame: boolean }
): Finding | undefined => {
  const { asked, isSame } = said
  const since = believed(said.since, asked)
  const finding = {
    statement: { facet, at: statedAt(since, asked) },
    expected: held !== undefined && isByEvent(held)
  }
  if (held === undefined) return finding
  const { clock } = held.stamp
  const isNews = since === undefined ? !isSame && !isRecent(clock, asked) : since > clock + (isSame ? SKEW_MS : 0)
  return isNews ? finding : undefined
}

/** How many findings there are of each facet. */
const count = (findings: ReadonlyArray<Finding>): Counts => {
  const counts: { [facet in Stated["facet"]]?: number } = {}
  for (const { statement } of findings) counts[statement.facet.facet] = (counts[statement.facet.facet] ?? 0) + 1
  return counts
}

/**
 * Sorts out what to send, and counts what was lost. A statement is a correction when two things are sure: events should have told it
 * (`expected`), and they should have told it by now, because it had held for `TOLD_MS` when the rows were read. What had not is `early`: it may be on
 * its way, and would make a sweep of a healthy stack look as if events were lost. What is not expected is new: a first picture
 * corrects nothing, and neither does a facet of a topic that the stack does not receive.
 */
export const comparedOf = (found: ReadonlyArray<Finding>, { read }: Held, known: ByKind): Compared => {
  // An answer may say one thing in two places.
  const findings = [...new Map(found.map((finding) => [JSON.stringify(finding.statement), finding])).values()]
  const toldOf = ({ expected, statement: { at } }: Finding): Told =>
    !expected ? "new" : at <= read - TOLD_MS ? "corrected" : "early"
  const said = findings.filter(({ missing }) => missing === undefined)
  return {
    statements: said.map(({ statement }) => statement),
    corrected: count(said.filter((finding) => toldOf(finding) === "corrected")),
    early: count(said.filter((finding) => toldOf(finding) === "early")),
    missing: findings.flatMap((finding) => {
      const { missing: kind, statement } = finding
      return kind === undefined ? [] : [{ kind, statement, told: toldOf(finding) }]
    }),
    known
  }
}
