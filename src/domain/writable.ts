import type { Json } from "./json.ts"

/** Bytes of UTF-8 that DynamoDB takes as a partition key, and as a sort key. */
export const MAX_PARTITION_BYTES = 2_048
export const MAX_SORT_BYTES = 1_024

/** Bytes of an update as JSON: a settle message, which holds one at least, has 1 MiB. */
const MAX_UPDATE_BYTES = 1_000_000

/** Lists and maps within each other. JSON of Genesys has 64 at most; what holds itself has no end. */
const MAX_LEVELS = 100

/** Lists and maps that DynamoDB takes around a value of a column: 32 levels with the value itself. */
const MAX_COLUMN_LEVELS = 31

/** A UTF-16 unit as JSON has at most six bytes, as `\ud800`. */
const JSON_BYTES_A_UNIT = 6

/** What a number, a word or a separator adds to the units of a value, at most. */
const UNITS_A_VALUE = 8

/** The greatest time that a date can be, epoch ms. */
const MAX_CLOCK = 8_640_000_000_000_000

const encoder = new TextEncoder()

/** The length of a text in bytes of UTF-8. */
export const utf8Bytes = (text: string): number => encoder.encode(text).length

/** Whether a text has more bytes of UTF-8. A UTF-16 unit is one to three, so most texts need no counting. */
export const exceedsBytes = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && utf8Bytes(text) > bytes)

/** Why nothing can be written, as one word for lists and metrics. */
export type UnwritableReason =
  | "KeyTooLong"
  | "KeyEmpty"
  | "KeyNotText"
  | "ClockInvalid"
  | "ValueInvalid"
  | "ValueTooDeep"
  | "UpdateTooLarge"
  | "ColumnReserved"
  | "RowTooLarge"
  | "RowUnreadable"
  | "RowRefused"
  | "ProjectionThrew"

/** Why an update or a row cannot be written. `detail`: half a sentence that holds no value of it. */
export interface Unwritable {
  readonly reason: UnwritableReason
  readonly detail: string
}

export const unwritable = (reason: UnwritableReason, detail: string): Unwritable => ({ reason, detail })

/** What a function of a projection threw, by its name alone: a message may quote a value. */
export const threw = (what: string, thrown: unknown): Unwritable =>
  unwritable(
    "ProjectionThrew",
    `\`${what}\` threw ${thrown instanceof Error ? thrown.constructor.name : typeof thrown}`
  )

const keyTextProblem = (what: string, text: unknown, bytes: number): Unwritable | undefined => {
  if (typeof text !== "string") return unwritable("KeyNotText", `the ${what} is no text`)
  if (text === "") return unwritable("KeyEmpty", `the ${what} is empty`)
  if (exceedsBytes(text, bytes))
    return unwritable("KeyTooLong", `the ${what} has ${utf8Bytes(text)} bytes of UTF-8, and DynamoDB takes ${bytes}`)
  // DynamoDB would store other text, under which nobody finds it.
  return text.isWellFormed() ? undefined : unwritable("KeyNotText", `the ${what} holds half of a character`)
}

/** Why DynamoDB can hold no row under this key. */
export const keyProblem = (key: { readonly entity: unknown; readonly row: unknown }): Unwritable | undefined =>
  keyTextProblem("id of the entity", key.entity, MAX_PARTITION_BYTES) ??
  keyTextProblem("name of the row", key.row, MAX_SORT_BYTES)

/** Looks through a value. Returns what is wrong with it, or about how many UTF-16 units it has as JSON, never too few. */
const measure = (value: unknown, levels: number, isColumn: boolean): Unwritable | number => {
  if (value === null || typeof value === "boolean") return UNITS_A_VALUE
  if (typeof value === "string") return value.length + UNITS_A_VALUE
  if (typeof value === "number")
    return Number.isFinite(value)
      ? 3 * UNITS_A_VALUE
      : unwritable("ValueInvalid", "it holds a number that is not finite")
  if (typeof value !== "object")
    return unwritable("ValueInvalid", `it holds a ${typeof value}, which JSON does not have`)
  if (levels === 0) return unwritable("ValueTooDeep", "its lists and objects are nested too deep")
  let units = UNITS_A_VALUE
  if (Array.isArray(value)) {
    for (const element of value) {
      const found = measure(element, levels - 1, isColumn)
      if (typeof found !== "number") return found
      units += found
    }
    return units
  }
  for (const [name, inner] of Object.entries(value)) {
    // As JSON leaves it out.
    if (inner === undefined && !isColumn) continue
    if (name === "" && isColumn) return unwritable("ValueInvalid", "it holds a field without a name")
    const found = measure(inner, levels - 1, isColumn)
    if (typeof found !== "number") return found
    units += name.length + UNITS_A_VALUE + found
  }
  return units
}

/** What an update is judged by. */
interface Judged {
  readonly entity: unknown
  readonly row: unknown
  readonly register: unknown
  readonly value: unknown
  readonly stamp: { readonly clock?: unknown; readonly published?: unknown; readonly eventId?: unknown }
}

const isTime = (clock: unknown): clock is number => typeof clock === "number" && Math.abs(clock) <= MAX_CLOCK

/** Why an update cannot be sent, or can make no row. A type that the compiler rules out may come from code that it did not see. */
export const updateProblem = ({ entity, row, register, value, stamp }: Judged): Unwritable | undefined => {
  const key = keyProblem({ entity, row })
  if (key !== undefined) return key
  if (typeof register !== "string") return unwritable("KeyNotText", "the name of the register is no text")
  if (!isTime(stamp.clock)) return unwritable("ClockInvalid", "its clock is no time")
  const units = measure(value, MAX_LEVELS, false)
  if (typeof units !== "number") return units
  if ((units + register.length) * JSON_BYTES_A_UNIT <= MAX_UPDATE_BYTES) return undefined
  const bytes = utf8Bytes(JSON.stringify([register, value]))
  return bytes <= MAX_UPDATE_BYTES
    ? undefined
    : unwritable("UpdateTooLarge", `it has ${bytes} bytes, and a message takes ${MAX_UPDATE_BYTES}`)
}

/** Why a register cannot be read again once it is stored. It may be made by code of a projection that the compiler did not see. */
export const registerProblem = (name: unknown, register: unknown): Unwritable | undefined => {
  const { value, stamp } = (register ?? {}) as Partial<Judged>
  if (typeof name !== "string") return unwritable("KeyNotText", "the name of the register is no text")
  if (!isTime(stamp?.clock) || !isTime(stamp.published) || typeof stamp.eventId !== "string")
    return unwritable("ClockInvalid", "the stamp of a register is none")
  const units = measure(value, MAX_LEVELS, false)
  return typeof units === "number" ? undefined : units
}

/** Why the columns of a row cannot be stored. */
export const columnsProblem = (columns: unknown): Unwritable | undefined => {
  if (typeof columns !== "object" || columns === null || Array.isArray(columns))
    return unwritable("ValueInvalid", "the columns are no object")
  // The columns are a level of our own.
  const found = measure(columns, MAX_COLUMN_LEVELS + 1, true)
  return typeof found === "number" ? undefined : found
}

/** A value without halves of characters, which no table can hold; the same one where it has none. */
export const wellFormed = (value: Json): Json => {
  if (typeof value === "string") return value.isWellFormed() ? value : value.toWellFormed()
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) {
    const all = value.map(wellFormed)
    return all.some((one, i) => one !== value[i]) ? all : value
  }
  const fields = Object.entries(value)
  const all = fields.map(([name, inner]) => [name.toWellFormed(), wellFormed(inner)] as const)
  return all.some(([name, inner], i) => name !== fields[i]?.[0] || inner !== fields[i]?.[1])
    ? Object.fromEntries(all)
    : value
}
