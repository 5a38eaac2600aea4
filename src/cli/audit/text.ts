import { iso } from "../../domain/stamp.ts"
import type { AuditCheckpoint, Seen } from "../../pipeline/audit/checkpoint.ts"
import type { DiscrepancyKind } from "../../pipeline/audit/discrepancy.ts"
import { number, printable, table } from "../screen.ts"

const count = (of: number, one: string, many = `${one}s`): string => `${number(of)} ${of === 1 ? one : many}`

/** What each kind says of its place, and what mends it. */
export const meanings: Readonly<Record<DiscrepancyKind, { readonly says: string; readonly mend: string }>> = {
  update: { says: "lacks what the event says", mend: "merge the event" },
  unexplained: { says: "holds what no event says", mend: "write the row from its events" },
  columns: { says: "columns are not what the registers say", mend: "write the row from its registers" },
  tombstone: { says: "has an expiry without an end, or the other way", mend: "write the row from its registers" },
  openIndex: { says: "is wrong in the index of open rows", mend: "write the row from its registers" },
  derived: { says: "does not follow from its source", mend: "derive it again" },
  summary: { says: "does not count the open rows", mend: "summarise again" },
  entryMissing: { says: "lacks an entry in the index by entity", mend: "add the entry" },
  entryExtra: { says: "has an entry of an event that is not stored", mend: "remove the entry" },
  pointer: { says: "readers use a generation that is not fed", mend: "point them to one that is" }
}

/** When audits were, and what they looked at, in a line or two. */
export const auditLines = (checkpoint: AuditCheckpoint | undefined): ReadonlyArray<string> => {
  if (checkpoint === undefined) return ["never audited"]
  const { began, at, counts, found, suspects, more } = checkpoint
  return [
    `last audited ${iso(at)}: since ${iso(began)} ${count(counts.rows, "row")}, ${count(counts.events, "event")} and ` +
      `${count(counts.entries, "entry", "entries")} of the index by entity, ` +
      `${more ? "at least " : ""}${count(found.length, "discrepancy", "discrepancies")}`,
    ...(suspects.length === 0
      ? []
      : [
          `${count(suspects.length, "more is", "more are")} looked at again before ${suspects.length === 1 ? "it counts" : "they count"}`
        ])
  ]
}

const placeOf = ({ generation, entity, row }: Seen): string =>
  [generation, entity, row].flatMap((part) => (part === undefined ? [] : [printable(part)])).join(" ")

/** What was found, one in a line: what, where, since when it is known, and the event that it is about. */
export const foundTable = (found: ReadonlyArray<Seen>, aligned: boolean): string =>
  table(
    ["KIND", "SAYS", "WHERE", "NAMES", "SEEN", "EVENT"],
    found.map((one) => [
      one.kind,
      meanings[one.kind].says,
      placeOf(one),
      (one.names ?? []).map(printable).join(", ") || "-",
      iso(one.seen),
      one.eventId === undefined ? "-" : printable(one.eventId)
    ]),
    aligned
  )
