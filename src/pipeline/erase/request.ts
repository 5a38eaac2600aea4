import { createHash } from "node:crypto"
import { Clock, Effect, Random } from "effect"
import type { Json } from "../../domain/json.ts"
import type { Person } from "../../genesys/person.ts"
import { BEGUN, ErasureJournal } from "../../store/erasure-journal.ts"

/** A request that is under way: its number, when it began (epoch ms), and what an earlier run has noted. */
export interface Request {
  readonly number: string
  readonly at: number
  readonly notes: ReadonlyMap<string, Json>
}

/** What one page of events had of the person. Ids of events, and names of bodies that are still to be dropped. */
export interface FoundNote {
  readonly deleted: ReadonlyArray<string>
  readonly redacted: ReadonlyArray<string>
  readonly bodies: ReadonlyArray<string>
}

/** Where a share of the search is, and what it has read until there: `cursor` of the next page; without one it is over. */
export interface SegmentNote {
  readonly searched: number
  readonly unreadable?: number
  readonly cursor?: string
}

export const FOUND = "found-"
export const segmentName = (segment: number, segments: number): string => `segment-${segment}-of-${segments}`

interface Begun {
  readonly at: number
  readonly salt: string
  readonly check: string
}

/** Tells one person from another and no more, and only while the request is under way: the salt goes with it. */
const checkOf = ({ kind, value }: Person, salt: string): string =>
  createHash("sha256").update(`${salt} ${kind} ${value.toLowerCase()}`).digest("hex")

const hex = (bits: number) =>
  Effect.map(Random.nextIntBetween(0, 2 ** bits - 1), (n) => n.toString(16).padStart(bits / 4, "0"))

/** A number for a request that has none. */
export const nextRequest = hex(32)

/** Begins a request, or goes on with it. Undefined where the number is that of a request about somebody else. */
export const openRequest = Effect.fnUntraced(function* (number: string, person: Person) {
  const journal = yield* ErasureJournal
  const notes = yield* journal.read(number)
  const begun = notes.get(BEGUN) as unknown as Begun | undefined
  if (begun !== undefined)
    return checkOf(person, begun.salt) === begun.check ? ({ number, at: begun.at, notes } satisfies Request) : undefined
  const salt = `${yield* hex(32)}${yield* hex(32)}${yield* hex(32)}${yield* hex(32)}`
  const at = yield* Clock.currentTimeMillis
  yield* journal.write(number, BEGUN, { at, salt, check: checkOf(person, salt) })
  return { number, at, notes: new Map<string, Json>() } satisfies Request as Request
})

/** All that was found until now, also by earlier runs. */
export const foundIn = (notes: ReadonlyMap<string, Json>): FoundNote => {
  const found = [...notes].flatMap(([name, note]) => (name.startsWith(FOUND) ? [note as unknown as FoundNote] : []))
  const all = (field: keyof FoundNote) => [...new Set(found.flatMap((note) => note[field]))]
  return { deleted: all("deleted"), redacted: all("redacted"), bodies: all("bodies") }
}

/** The name of a note: the same for the same events. */
export const foundName = (ids: ReadonlyArray<string>): string =>
  `${FOUND}${createHash("sha256").update(ids.join(" ")).digest("hex").slice(0, 24)}`
