import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { generation, OPEN_INDEX, type Projection } from "../domain/projection.ts"

/** Of a projection, what its table is made from. */
export type Shaped = Pick<Projection<never>, "name" | "version" | "key"> & {
  readonly summary?: { readonly columns: ReadonlyArray<string> } | undefined
}

/**
 * What a projection's table can only be given when it is made: keys and the local index. A change of any of it makes a new table in the
 * place of the old one, without its rows.
 *
 * The index is a local one, because only that can be read consistently, which summaries rely on. It holds the columns and
 * not the registers, so that what every summary reads is about half as large. A local index keeps all that a partition holds in one
 * place: 10 GB, and 1,000 write units a second, are the most for one entity.
 */
export const tableShape = ({ key, summary }: Shaped) => ({
  hashKey: key,
  rangeKey: "row",
  attributes: [
    { name: key, type: "S" },
    { name: "row", type: "S" },
    ...(summary === undefined ? [] : [{ name: OPEN_INDEX.key, type: "S" }])
  ],
  ...(summary === undefined
    ? {}
    : {
        localSecondaryIndexes: [
          {
            name: OPEN_INDEX.name,
            rangeKey: OPEN_INDEX.key,
            ...(summary.columns.length === 0
              ? { projectionType: "KEYS_ONLY" }
              : { projectionType: "INCLUDE", nonKeyAttributes: [...summary.columns] })
          }
        ]
      })
})

/** Shapes by generation (`agents-v1`), as the repository keeps them. */
export type RecordedShapes = Readonly<Record<string, unknown>>

/** Where the shapes of a module's projections are kept: beside it. */
export const shapesFile = (module: string): string => join(dirname(module), "shapes.json")

/** The recorded shapes of a module's projections; undefined where it keeps none. Throws where the file is no JSON object. */
export const recordedShapes = (module: string): RecordedShapes | undefined => {
  const file = shapesFile(module)
  if (!existsSync(file)) return undefined
  const read: unknown = JSON.parse(readFileSync(file, "utf8"))
  if (typeof read !== "object" || read === null || Array.isArray(read))
    throw new Error(`${file} is no JSON object; write {} and let the preview say what belongs into it`)
  return read as RecordedShapes
}

/** A shape as it is recorded. The columns of the index are sorted, because AWS gives them no order. */
export const recordOf = (projection: Shaped) =>
  tableShape(
    projection.summary === undefined
      ? projection
      : { ...projection, summary: { columns: [...projection.summary.columns].sort() } }
  )

/** One sentence for each generation whose table would be replaced, since it no longer has the shape that was recorded for it. */
export const shapeFaults = (
  projections: ReadonlyArray<Shaped>,
  recorded: RecordedShapes | undefined
): ReadonlyArray<string> =>
  projections.flatMap((projection) => {
    const name = generation(projection)
    const before = recorded?.[name]
    const now = recordOf(projection)
    if (before === undefined || isDeepStrictEqual(before, now)) return []
    const parts = new Set([...Object.keys(now), ...Object.keys(Object(before))])
    const changed = [...parts].filter(
      (part) => !isDeepStrictEqual((before as Record<string, unknown>)[part], (now as Record<string, unknown>)[part])
    )
    return [
      `${name} has other ${changed.join(", ")} than shapes.json records, and a table cannot change them; raise its version, or put back what was (docs/recovery.md).`
    ]
  })

/** One sentence for each generation whose shape is to be recorded. None where the module keeps no shapes. */
export const missingShapes = (
  projections: ReadonlyArray<Shaped>,
  recorded: RecordedShapes | undefined
): ReadonlyArray<string> =>
  recorded === undefined
    ? []
    : projections
        .filter((projection) => !Object.hasOwn(recorded, generation(projection)))
        .map(
          (projection) =>
            `shapes.json does not record ${generation(projection)}; add ${JSON.stringify(generation(projection))}: ${JSON.stringify(recordOf(projection))}`
        )
