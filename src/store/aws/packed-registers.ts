import { deflateRawSync, inflateRawSync } from "node:zlib"
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { canonical, type Json } from "../../domain/json.ts"
import { decodeRow, encodeRow, type Register, type Row } from "../../domain/row.ts"
import { writeUnits } from "./attribute.ts"
import { unpack } from "./pack.ts"
import { rowDictionary } from "./row-dictionary.ts"

/*
 * The registers of a row as an attribute. A text (`encodeRow`) while the row fits into one write unit with it. Otherwise bytes:
 *
 * - 7, which begins no deflated text, for a block of that kind is reserved;
 * - how many UUIDs follow, and those, 16 bytes each: hexadecimal digits are what deflating makes the least of;
 * - a text, deflated with `rowDictionary`: `[events, groups]` as JSON. An event is `[id, published]`. A group is `[names, event,
 *   clock, value]`: registers with the same event, clock (ms after `published`) and value, as an event that reports seven media sets
 *   seven. In place of a UUID stands U+0001, which no JSON text has, and the character that is its place after `0`.
 *
 * Rows of older versions are bytes too: the text of `encodeRow`, deflated.
 */
const MARK = 7
const HOLE = "\u0001"
const MAX_IDS = 255
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const HOLES = new RegExp(`${HOLE}(.)`, "gsu")

type Group = readonly [names: ReadonlyArray<string>, event: number, clock: number, value: Json]
type Grouped = readonly [events: ReadonlyArray<readonly [id: string, published: number]>, groups: ReadonlyArray<Group>]

/** Equal rows give one text. */
const grouped = (row: Row): string => {
  const events = new Map<string, number>()
  const groups = new Map<string, Array<string>>()
  for (const name of [...row.keys()].sort()) {
    const { stamp, value } = row.get(name) as Register
    const key = JSON.stringify([stamp.eventId, stamp.published])
    const event = events.get(key) ?? events.size
    events.set(key, event)
    const what = `${event},${stamp.clock - stamp.published},${canonical(value)}`
    const names = groups.get(what) ?? []
    groups.set(what, names)
    names.push(name)
  }
  const all = [...groups].map(([what, names]) => `[${JSON.stringify(names)},${what}]`)
  return `[[${[...events.keys()].join(",")}],[${all.join(",")}]]`
}

const ungrouped = (text: string): Row => {
  const [events, groups] = JSON.parse(text) as Grouped
  const row = new Map<string, Register>()
  for (const [names, at, clock, value] of groups) {
    const event = events[at]
    if (event === undefined) throw new Error("a group of registers names no event")
    const [eventId, published] = event
    for (const name of names) row.set(name, { value, stamp: { clock: published + clock, published, eventId } })
  }
  return row
}

const bytesOf = (row: Row): Uint8Array => {
  const ids = new Map<string, number>()
  const text = grouped(row).replace(UUID, (id) => {
    const at = ids.get(id) ?? ids.size
    if (at === MAX_IDS) return id
    ids.set(id, at)
    return HOLE + String.fromCharCode(0x30 + at)
  })
  const binary = [...ids.keys()].map((id) => Buffer.from(id.replaceAll("-", ""), "hex"))
  const deflated = deflateRawSync(text, { dictionary: rowDictionary(), level: 9 })
  return Buffer.concat([Uint8Array.of(MARK, ids.size), ...binary, deflated])
}

const uuid = (bytes: Buffer): string =>
  bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")

const rowIn = (bytes: Uint8Array): Row => {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = 2 + 16 * (all[1] ?? 0)
  const text = inflateRawSync(all.subarray(end), { dictionary: rowDictionary() }).toString()
  return ungrouped(
    text.replace(HOLES, (_, place: string) => {
      const from = 2 + 16 * (place.charCodeAt(0) - 0x30)
      if (from >= end) throw new Error("a row names an id that it does not hold")
      return uuid(all.subarray(from, from + 16))
    })
  )
}

/** The registers as the attribute that makes the row cheapest to write, where all else in it takes `others` bytes. */
export const packRegisters = (row: Row, others: number): { readonly S: string } | { readonly B: Uint8Array } => {
  const text = encodeRow(row)
  const units = writeUnits(others + Buffer.byteLength(text))
  if (units === 1) return { S: text }
  const bytes = bytesOf(row)
  return writeUnits(others + bytes.length) < units ? { B: bytes } : { S: text }
}

/** The inverse. Throws on what `packRegisters` did not write: a stored row is never guessed at. */
export const unpackRegisters = (attribute: AttributeValue | undefined): Row =>
  attribute?.B?.[0] === MARK ? rowIn(attribute.B) : decodeRow(unpack(attribute))
