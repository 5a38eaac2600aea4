import { Effect } from "effect"
import { STATE_ROW } from "../domain/projection.ts"
import type { EntityRow, EntityRows } from "./answers.ts"
import type { Calls } from "./calls.ts"
import { BadOption, type ReadError } from "./errors.ts"
import type { ReadOptions, RowsOptions } from "./options.ts"
import { checkId } from "./settings.ts"
import type { Projection, Source } from "./source.ts"
import { type Answer, freshnessOf, type View } from "./view.ts"

const LONGEST_ROW = 1_024

const checkPart = (part: keyof Projection, given: unknown, shape: RegExp, must: string) =>
  typeof given === "string" && shape.test(given)
    ? Effect.succeed(given)
    : new BadOption({ field: `projection.${part}`, problem: `is ${JSON.stringify(given)}; it must be ${must}` })

const checkProjection = Effect.fnUntraced(function* (projection: Projection | undefined) {
  const name = yield* checkPart("name", projection?.name, /^[\w.-]{1,200}$/, "the name of a projection that is listed")
  const key = yield* checkPart("key", projection?.key, /^.{1,255}$/, "the partition key column of the projection")
  return { name, key } satisfies Projection
})

/** All else of the request was checked, so that what DynamoDB refuses is the column. */
const blameKey = ({ key }: Projection) =>
  Effect.mapError((error: ReadError) =>
    error._tag === "ReaderError" && error.reason === "ValidationException"
      ? new BadOption({
          field: "projection.key",
          problem: `is ${JSON.stringify(key)}, and the table has another partition key column; it must be the key of the projection`
        })
      : error
  )

/** The calls that know nothing of a projection but its name and its key. */
export const makeRows = (source: Source, answer: Answer) => {
  const rows = Effect.fnUntraced(function* (given: Projection, entity: string, options: RowsOptions = {}) {
    const projection = yield* checkProjection(given)
    yield* checkId("entity", entity, "an entity")
    const withClosed = options.closed ?? false
    if (typeof withClosed !== "boolean")
      return yield* new BadOption({
        field: "closed",
        problem: `is ${JSON.stringify(withClosed)}; it must be true or false`
      })
    const read = (view: View) =>
      Effect.gen(function* () {
        const from = yield* view.from(projection)
        const found = yield* source.rows(from, entity)
        const freshness = freshnessOf(view, from, found)
        const rows = found
          .filter(({ closed }) => withClosed || !closed)
          .map(({ row, columns, asOf, closed }) => ({ row, columns, asOf, ...(closed ? { closed } : {}) }))
        const all: EntityRows | undefined = freshness && { entity, rows, ...freshness }
        return all
      })
    return yield* blameKey(projection)(answer("rows", options, read, projection.name))
  })

  const row = Effect.fnUntraced(function* (
    given: Projection,
    entity: string,
    row: string = STATE_ROW,
    options: ReadOptions = {}
  ) {
    const projection = yield* checkProjection(given)
    yield* checkId("entity", entity, "an entity")
    yield* checkId("row", row, "a row", LONGEST_ROW)
    const read = (view: View) =>
      Effect.gen(function* () {
        const from = yield* view.from(projection)
        const found = yield* source.row(from, entity, row)
        if (found === undefined) return undefined
        const { columns, closed } = found
        const freshness = freshnessOf(view, from, [found])
        const one: EntityRow | undefined = freshness && { entity, row, columns, closed, ...freshness }
        return one
      })
    return yield* blameKey(projection)(answer("row", options, read, projection.name))
  })

  // What the columns are is for the caller to say.
  return { rows: rows as Calls["rows"], row: row as Calls["row"] }
}
