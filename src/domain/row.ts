import { canonical, type Json } from "./json.ts"
import { compareStamps, type Stamp } from "./stamp.ts"

/** A last-write-wins register: a value and the stamp that set it. */
export interface Register {
  readonly value: Json
  readonly stamp: Stamp
}

/** The registers of one row by name. A map, so that no register name can meet an object's prototype. */
export type Row = ReadonlyMap<string, Register>

export const sameRegister = (a: Register, b: Register): boolean =>
  compareStamps(a.stamp, b.stamp) === 0 && canonical(a.value) === canonical(b.value)

export const emptyRow: Row = new Map()

/** The whole theory: the greater stamp wins, register by register. Commutative, associative, idempotent. */
export const merge = (row: Row, updates: Iterable<readonly [name: string, register: Register]>): Row => {
  let merged: Map<string, Register> | undefined
  for (const [name, register] of updates) {
    const held = (merged ?? row).get(name)
    if (held !== undefined && compareStamps(register.stamp, held.stamp) <= 0) continue
    merged ??= new Map(row)
    merged.set(name, register)
  }
  return merged ?? row
}

/**
 * The latest of the registers of a name, which may have something after it and a space that tells them apart: `start`, `start <queueId>`.
 * Of equal stamps the first by name.
 */
export const latestIn = (row: Row, name: string): readonly [register: string, Register] | undefined => {
  let found: readonly [string, Register] | undefined
  for (const entry of row) {
    const [register, { stamp }] = entry
    if (!register.startsWith(name) || (register.length > name.length && register[name.length] !== " ")) continue
    const order = found === undefined ? 1 : compareStamps(stamp, found[1].stamp) || (register < found[0] ? 1 : -1)
    if (order > 0) found = entry
  }
  return found
}

/**
 * The first letter of a register that no event sets: it follows from rows of other entities.
 */
export const DERIVED = "~"

/** The first letter of a register that is a timer: it was set some time before its clock. */
export const TIMER = "@"

const tellsTime = (register: string): boolean => !register.startsWith(DERIVED) && !register.startsWith(TIMER)

/** The greatest stamp merged into the row, of registers that tell when something happened to it. */
export const asOf = (row: Row): Stamp | undefined => {
  let greatest: Stamp | undefined
  for (const [name, { stamp }] of row)
    if (tellsTime(name) && (greatest === undefined || compareStamps(stamp, greatest) > 0)) greatest = stamp
  return greatest
}

type Encoded = {
  readonly events: ReadonlyArray<readonly [eventId: string, published: number]>
  readonly registers: { readonly [name: string]: readonly [event: number, clock: number, value: Json] }
}

/**
 * The row as one text, equal for equal rows. Registers that one event set share its id and publication time, which keeps a
 * typical agent inside one write unit.
 */
export const encodeRow = (row: Row): string => {
  const names = [...row.keys()].sort()
  const events: Array<readonly [string, number]> = []
  const index = new Map<string, number>()
  const registers = names.map((name) => {
    const { stamp, value } = row.get(name) as Register
    const key = `${stamp.published}:${stamp.eventId}`
    let at = index.get(key)
    if (at === undefined) {
      at = events.push([stamp.eventId, stamp.published]) - 1
      index.set(key, at)
    }
    return `${JSON.stringify(name)}:[${at},${stamp.clock},${canonical(value)}]`
  })
  return `{"events":${JSON.stringify(events)},"registers":{${registers.join(",")}}}`
}

/** The inverse of `encodeRow`. Throws on text that `encodeRow` did not write: a stored row is never guessed at. */
export const decodeRow = (text: string): Row => {
  const { events, registers } = JSON.parse(text) as Encoded
  const row = new Map<string, Register>()
  for (const name of Object.keys(registers)) {
    const [at, clock, value] = registers[name] as Encoded["registers"][string]
    const event = events[at]
    if (event === undefined) throw new Error(`register ${name} names no event`)
    row.set(name, { value, stamp: { clock, published: event[1], eventId: event[0] } })
  }
  return row
}
