import { type Board, nameIn } from "../board.ts"
import { timeOfDay } from "./clock.ts"

const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/g
const ISO = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** Ids by what they are called; the others as much as it takes to tell them apart. */
export const short = (text: string, names: Board["names"]): string =>
  text.replace(ID, (id) => nameIn(names, id) ?? id.slice(0, 8))

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A value as people read it: ids by name or short, times of the day, what is in an object one by one. */
export const valueText = (value: unknown, names: Board["names"]): string => {
  if (typeof value === "string") return ISO.test(value) ? timeOfDay(Date.parse(value)) : short(value, names)
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => valueText(one, names)).join(", ")
  if (isRecord(value))
    return (
      Object.entries(leaves("", value))
        .filter(([, leaf]) => leaf !== 0)
        .map(([name, leaf]) => `${name} ${valueText(leaf, names)}`)
        .join(", ") || "all zero"
    )
  return String(value)
}

/** The values in an object by their paths (`chat.active`); anything else by the name alone. */
export const leaves = (name: string, value: unknown): Readonly<Record<string, unknown>> => {
  if (!isRecord(value)) return value === undefined ? {} : { [name]: value }
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) => leaves(name === "" ? key : `${name}.${key}`, inner))
  )
}
