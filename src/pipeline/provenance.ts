import type { Json } from "../domain/json.ts"
import { canonical } from "../domain/json.ts"
import type { Columns, EntityRow, Projection } from "../domain/projection.ts"
import type { Row } from "../domain/row.ts"
import { compareStamps, type Stamp } from "../domain/stamp.ts"
import type { Event } from "../genesys/event.ts"

/** A register with what it holds and the stamp that set it. */
export interface Cause extends Stamp {
  readonly row: string
  readonly register: string
  readonly value: Json
}

/** By column, the latest first. */
type Causes = ReadonlyMap<string, ReadonlyArray<Cause>>

const differs = (a: Columns, b: Columns, column: string): boolean => {
  const [one, other] = [a[column], b[column]]
  return one === undefined || other === undefined ? one !== other : canonical(one) !== canonical(other)
}

const latestFirst = (causes: Iterable<Cause>): ReadonlyArray<Cause> =>
  [...causes].sort((a, b) => compareStamps(b, a) || (a.register < b.register ? -1 : 1))

const without = (registers: Row, name: string): Row => new Map([...registers].filter(([other]) => other !== name))

/**
 * Which registers each column of a row follows from. A view is a function that nobody can look into, so it is asked: a column
 * follows from the registers without which it would be another. Where each of several says the same alone, all of them do.
 */
export const provenanceOf = (of: Projection<Event>, row: string, registers: Row): Causes => {
  const columns = of.view(row, registers)
  const nothing = of.view(row, new Map())
  const causes = [...registers].map(([register, { value, stamp }]) => ({
    cause: { row, register, value, ...stamp },
    missing: of.view(row, without(registers, register)),
    alone: of.view(row, new Map([[register, { value, stamp }]]))
  }))
  return new Map(
    Object.keys(columns).map((column) => {
      const necessary = causes.filter(({ missing }) => differs(missing, columns, column))
      const sufficient = differs(nothing, columns, column)
        ? causes.filter(({ alone }) => !differs(alone, columns, column))
        : []
      const found = necessary.length > 0 ? necessary : sufficient
      return [column, latestFirst(found.map(({ cause }) => cause))]
    })
  )
}

/**
 * The same for the summary of an entity: its columns follow from those of the open rows without which they would be others, and
 * those from the registers behind what the summary reads of them.
 */
export const summaryProvenance = (
  of: Projection<Event>,
  open: ReadonlyArray<EntityRow & { readonly registers: Row }>
): Causes => {
  const { summary } = of
  const summarise = summary?.of
  if (summary === undefined || summarise === undefined) return new Map()
  const columns = summarise(open, {})
  const rows = open.map(({ row, registers }, i) => {
    const read = [...provenanceOf(of, row, registers)].filter(([column]) => summary.columns.includes(column))
    const causes = new Map(read.flatMap(([, causes]) => causes).map((cause) => [cause.register, cause]))
    return { missing: summarise(open.toSpliced(i, 1), {}), causes: [...causes.values()] }
  })
  return new Map(
    Object.keys(columns).map((column) => [
      column,
      latestFirst(rows.flatMap(({ missing, causes }) => (differs(missing, columns, column) ? causes : [])))
    ])
  )
}
