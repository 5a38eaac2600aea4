import { generation } from "./projection.ts"

/** The key of the control item that says which generation of a projection (`agents`) readers use. */
export const readersKey = (name: string): string => `readers/${name}`

/** What readers of each projection use until another generation is promoted: the lowest version that is listed, by name. */
export const firstGenerations = (
  projections: ReadonlyArray<{ readonly name: string; readonly version: number }>
): ReadonlyMap<string, string> => {
  const descending = [...projections].sort((a, b) => b.version - a.version)
  return new Map(descending.map((projection) => [projection.name, generation(projection)]))
}
