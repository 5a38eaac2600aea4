import { canonical, type Json } from "../domain/json.ts"
import { deriveDeltas, isSummarised } from "../domain/projection.ts"
import { decodeRow, encodeRow } from "../domain/row.ts"
import type { Event } from "../genesys/event.ts"
import { partOf } from "../pipeline/summary-parts.ts"
import { RESERVED_COLUMNS } from "../store/projection-store.ts"
import { beginningOf, foldInOrder, receivedAt, WINDOW } from "./fold.ts"
import { differenceOf, type Law } from "./law.ts"

// The laws that need no pipeline: what a projection says by itself.

/** `undefined`, `NaN` and the like show as they are. */
const safely = (value: unknown): string => {
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) return String(value)
  if (Array.isArray(value)) return `[${value.map(safely).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => `${JSON.stringify(key)}:${safely(part)}`)
    .join(",")}}`
}

export const topics: Law["difference"] = async ([projection], history) => {
  const folds = (event: Event) => projection.deltas(receivedAt(event, beginningOf(history))).length > 0
  const wrong = new Set(
    history.flatMap((event) => (!projection.topics.includes(event.topic) && folds(event) ? [event.topic] : []))
  )
  return wrong.size === 0
    ? undefined
    : { expected: projection.topics.join("\n"), actual: [...projection.topics, ...wrong].join("\n") }
}

export const purity: Law["difference"] = async ([projection, ...sources], history) => {
  const start = beginningOf(history)
  for (const event of history) {
    const updates = () => safely(projection.deltas(receivedAt(event, start)))
    const [expected, actual] = [updates(), updates()]
    if (expected !== actual) return { expected, actual }
  }
  const rows = () =>
    new Map(
      [...foldInOrder([projection, ...sources], history)].map(([key, { columns, closed }]) => [
        key,
        safely({ columns, closed })
      ])
    )
  return differenceOf(rows(), rows())
}

export const storage: Law["difference"] = async ([projection, ...sources], history) => {
  const start = beginningOf(history)
  for (const event of history)
    for (const { register, value } of deriveDeltas([projection], receivedAt(event, start), WINDOW)) {
      const stored = JSON.stringify(value) as string | undefined
      if (stored === undefined || canonical(JSON.parse(stored) as Json) !== safely(value))
        return { expected: `register ${register}: a JSON value`, actual: `register ${register}: ${safely(value)}` }
    }
  for (const { row, columns, registers } of foldInOrder([projection, ...sources], history).values()) {
    const names = Object.keys(columns).filter((name) => RESERVED_COLUMNS.has(name) || name === projection.key)
    if (names.length > 0)
      return {
        expected: `columns of other names than ${names.join(", ")}`,
        actual: `row ${row} has ${names.join(", ")}`
      }
    const again = projection.view(row, decodeRow(encodeRow(registers)))
    if (registers.size > 0 && safely(again) !== safely(columns))
      return { expected: safely(columns), actual: safely(again) }
  }
  return undefined
}

export const summary: Law["difference"] = async ([projection, ...sources], history) => {
  const { reads, columns, of: summarise, join } = projection.summary ?? {}
  if (reads === undefined || columns === undefined || summarise === undefined) return undefined
  const of = (rows: Parameters<typeof summarise>[0]) => summarise(rows, {})
  const read = Map.groupBy(
    // A derived row has no registers, and is what is being asked for.
    [...foldInOrder([projection, ...sources], history).values()].filter(
      ({ row, registers }) => registers.size > 0 && reads(row)
    ),
    ({ entity }) => entity
  )
  for (const [entity, all] of read) {
    const open = all.filter(({ row, registers }) => isSummarised(projection, row, registers))
    const named = open.map(({ row, columns: whole }) => ({
      row,
      columns: Object.fromEntries(Object.entries(whole).filter(([name]) => columns.includes(name)))
    }))
    const expected = `of ${entity}: ${canonical(of(all))}`
    for (const rows of [open, named, named.toReversed()]) {
      const actual = `of ${entity}: ${canonical(of(rows))}`
      if (actual !== expected) return { expected, actual }
    }
    if (join === undefined) continue
    for (const digits of [0, 1]) {
      const parts = [...Map.groupBy(open, ({ row }) => partOf(row, digits)).values()].map(of)
      const actual = `of ${entity}: ${canonical(join(parts, {}))}`
      if (actual !== expected) return { expected, actual }
    }
  }
  return undefined
}
