import { virtualClock } from "aws-in-process/clock"
import type { Derivation } from "../../../src/domain/derivation.ts"
import type { Columns, Projection } from "../../../src/domain/projection.ts"
import { DERIVED, type Row } from "../../../src/domain/row.ts"
import type { Event } from "../../../src/genesys/event.ts"
import type { AuditBounds } from "../../../src/pipeline/audit/settings.ts"
import { eventOf } from "../../../src/testing/index.ts"
import { auditOnce, auditTwice } from "../../support/audited-day.ts"
import { makeCore, type Wraps } from "../../support/core.ts"
import { arrival } from "../../support/history.ts"

export const START = Date.UTC(2026, 4, 6, 8)
export const HOUR = 3_600_000

/** An update as an event of these tests says it itself. */
export type Said = readonly [projection: string, entity: string, row: string, register: string, value: string | number]

const TOPIC = "v2.users.{id}.routingStatus"

/** The line of an event that says these updates, published so many ms after the start. */
export const saying = (id: string, at: number, ...says: ReadonlyArray<Said>): string =>
  JSON.stringify(eventOf({ id, topic: TOPIC, ids: "u", body: { says }, at: START + at }).envelope)

const plain = (_: string, row: Row): Columns =>
  Object.fromEntries([...row].flatMap(([name, { value }]) => (name.startsWith(DERIVED) ? [] : [[name, value]])))

const counting = (rows: string): NonNullable<Projection<Event>["summary"]> => ({
  reads: (row) => row.startsWith(rows),
  columns: ["x"],
  of: (open) => ({ count: open.length, sum: open.reduce((sum, { columns }) => sum + Number(columns.x ?? 0), 0) })
})

export const saidOf = (name: string, more: Partial<Projection<Event>> = {}): Projection<Event> => ({
  ...{ name, version: 1, key: "id", topics: [TOPIC], tombstoneSeconds: 86_400, view: plain },
  deltas: ({ envelope }) => {
    const { eventBody } = envelope.detail as unknown as { readonly eventBody: { readonly says: ReadonlyArray<Said> } }
    return eventBody.says.flatMap(([of, entity, row, register, value]) =>
      of === name ? [{ entity, row, register, value }] : []
    )
  },
  closed: (_, row) => row.has("end"),
  ...more
})

/** The pane of a screen shows the register `x` of the seats of desks that name the screen. */
const shown: Derivation = {
  ...{ from: "desks", register: "shown", shared: true, reads: () => "all" },
  rows: (_, rows) =>
    [...rows].flatMap(([row, registers]) =>
      row.startsWith("seat") && registers.has("screen")
        ? [{ entity: String(registers.get("screen")?.value), row: "pane", of: () => registers.get("x") }]
        : []
    )
}

/** Desks with seats that are counted, and screens that show one of them. */
export const desks = saidOf("desks", { summary: counting("seat") })
export const screens = saidOf("screens", {
  derived: [shown],
  view: (_, row) => ({ x: Math.max(0, ...[...row].map(([, { value }]) => Number(value))) }),
  summary: counting("pane")
})

/** A desk with an open seat that a screen shows, one that is left, and a lamp that nothing follows from. */
export const EVENTS = [
  saying("e1", 0, ["desks", "d", "seat#1", "x", 5], ["desks", "d", "seat#1", "screen", "s"]),
  saying("e2", 1_000, ["desks", "d", "seat#2", "x", 7], ["desks", "d", "seat#2", "end", 1]),
  saying("e3", 4_000, ["desks", "d", "lamp", "on", 1]),
  saying("e4", 3_000, ["desks", "d", "seat#1", "y", 2])
]

export const END = Date.UTC(2030, 0)

/** These events in a core with an index by entity, three hours later. */
export const makeSmall = async (
  lines: ReadonlyArray<string> = EVENTS,
  { at = 3 * HOUR, ...wraps }: Wraps & { readonly at?: number } = {}
) => {
  const core = makeCore({ projections: [desks, screens], index: (inner) => inner, ...wraps }, virtualClock(START - 1))
  await auditOnce(core)
  core.clock.advanceTo(START + 5_000)
  await core.deliver(lines.map((line) => arrival(line, START + 5_000)))
  core.clock.advanceTo(START + 20_000)
  await core.settle(core.queue.take(END))
  core.clock.advanceTo(START + at)
  return core
}

export type Small = Awaited<ReturnType<typeof makeSmall>>

/** What two audits find, without when that was first seen. */
export const foundIn = async (core: Small, bounds: Partial<AuditBounds> = {}) =>
  (await auditTwice(core, bounds)).map(({ seen: _, ...one }) => one)
