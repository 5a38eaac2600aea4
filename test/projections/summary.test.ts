import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { projections } from "../../projections/index.ts"
import { deriveDeltas, type Projection } from "../../src/domain/projection.ts"
import { emptyRow, merge, type Row } from "../../src/domain/row.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { Event } from "../../src/genesys/event.ts"
import { historyOf } from "../support/history.ts"

const window = { settle: 5_000, skew: 300_000 }
/** Without every third end of waiting, so that some wait at the end. */
const events = historyOf(3_000)
  .filter(({ line }, i) => i % 3 > 0 || !line.includes(".acd.end"))
  .map(({ line, at }) => Result.getOrThrow(decodeEvent(line, at)))

/** The rows of all entities as if of one, after half a minute of the contact centre simulator. */
const rowsOf = (projection: Projection<Event>) => {
  const entities = new Map<string, Map<string, Row>>()
  for (const event of events)
    for (const { entity, row, register, value, stamp } of deriveDeltas([projection], event, window)) {
      const rows = entities.get(entity) ?? new Map<string, Row>()
      entities.set(entity, rows.set(row, merge(rows.get(row) ?? emptyRow, [[register, { value, stamp }]])))
    }
  return [...entities.values()].flatMap((rows) =>
    [...rows].map(([row, registers]) => ({
      row,
      columns: projection.view(row, registers),
      isClosed: projection.closed(row, registers)
    }))
  )
}

describe.each(projections.filter(({ summary }) => summary?.of !== undefined))("the summary of $name", (projection) => {
  const {
    reads,
    columns: named,
    of: summarise
  } = projection.summary as Required<NonNullable<typeof projection.summary>>
  const of = (open: Parameters<typeof summarise>[0]) => summarise(open, {})
  const rows = rowsOf(projection).filter(({ row }) => reads(row))

  it("is the same without the rows that are closed", () => {
    const open = rows.filter(({ isClosed }) => !isClosed)
    assert.isAbove(open.length, 0)
    assert.isBelow(open.length, rows.length)
    assert.deepStrictEqual(of(open), of(rows))
  })

  it("reads the columns that it names, and no others", () => {
    const pick = (without?: string) =>
      rows.map(({ row, columns }) => ({
        row,
        columns: Object.fromEntries(
          Object.entries(columns).filter(([name]) => named.includes(name) && name !== without)
        )
      }))
    assert.deepStrictEqual(of(pick()), of(rows))
    for (const name of named) assert.notDeepEqual(of(pick(name)), of(rows), name)
  })
})
