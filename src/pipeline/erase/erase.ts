import { Effect } from "effect"
import type { Names } from "../../genesys/person.ts"
import { Directory } from "../../store/directory.ts"
import { EntityEraser } from "../../store/entity-eraser.ts"
import { ErasureJournal } from "../../store/erasure-journal.ts"
import { EventEraser } from "../../store/event-eraser.ts"
import { eraseArchive } from "./archive.ts"
import { indexedAs, type Searched, searchEvents } from "./events.ts"
import { eraseExports, eraseLetters, eraseObjects, type PlaceErased } from "./held.ts"
import { foundIn, type Request } from "./request.ts"
import { eraseRows } from "./rows.ts"

/** What is asked for. Without a `request` everything is searched and nothing is written. */
export interface Erasing {
  readonly names: Names
  readonly segments: number
  /** Events by the index by entity alone. */
  readonly index: boolean
  readonly request?: Request
  /** Whether the stack has a directory of names. */
  readonly directory: boolean
  readonly onEvents?: (so: Searched) => Effect.Effect<void>
  /** Is told of each place before it is searched. */
  readonly onPlace?: (place: string) => Effect.Effect<void>
}

/** What was found, place by place, and what could not be looked into. */
export interface Erased {
  readonly places: ReadonlyArray<PlaceErased>
  readonly unreadable: number
}

/** The ids under which the directory has the person: an agent by id, or whoever has the address. */
const inDirectory = Effect.fnUntraced(function* (names: Names) {
  const { names: named, list } = yield* Directory
  const { kind, value } = names.person
  if (kind === "agent") return [...(yield* named("agents", [value])).keys()]
  if (kind !== "address") return []
  const found: Array<string> = []
  let cursor: string | undefined
  do {
    const page: Effect.Success<ReturnType<typeof list>> = yield* list(
      "agents",
      {},
      { limit: 500, ...(cursor !== undefined && { cursor }) }
    )
    found.push(
      ...page.entries.flatMap(({ id, name = "", email = "" }) => (names.in(email) || names.in(name) ? [id] : []))
    )
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
})

/**
 * Erases a person from everything that a stack keeps, or only searches it. Each step may be cut off and done again: events first, so that
 * nothing that is folded later brings the person back; then the bodies that no item could hold; rows; the index by entity; names; what is held for
 * people; dead letters; and copies.
 */
export const erase = Effect.fnUntraced(function* (erasing: Erasing) {
  const { names, segments, index, request, directory, onEvents, onPlace = () => Effect.void } = erasing
  const [journal, entries] = [yield* ErasureJournal, yield* EntityEraser]

  yield* onPlace("events")
  const search = { names, segments, index, ...(request && { request }), ...(onEvents && { onPage: onEvents }) }
  const searched = yield* searchEvents(search)
  const noted = request === undefined ? undefined : foundIn(yield* journal.read(request.number))
  if (noted !== undefined) yield* (yield* EventEraser).drop(noted.bodies)
  // A run that goes on counts what the one before has erased.
  const events: PlaceErased = {
    place: "events",
    searched: searched.searched,
    deleted: noted?.deleted.length ?? searched.deleted,
    redacted: noted?.redacted.length ?? searched.redacted
  }

  yield* onPlace("rows")
  const deleted = new Set(noted?.deleted)
  const rows = yield* eraseRows(names, deleted, request !== undefined)

  if (request !== undefined) for (const entity of yield* indexedAs(names)) yield* entries.drop(entity)

  yield* onPlace("directory")
  const named = directory ? yield* inDirectory(names) : []
  if (request !== undefined)
    yield* Effect.forEach(named, (id) => Directory.use(({ remove }) => remove("agents", id)), { discard: true })

  yield* onPlace("what is held")
  const holding = { names, deleted, redacted: new Set(noted?.redacted), ...(request && { request }) }
  const held = [
    ...(yield* eraseObjects(holding)),
    ...(yield* eraseLetters(holding)),
    yield* eraseExports(holding),
    ...(yield* eraseArchive(holding))
  ]
  if (request !== undefined) yield* journal.remove(request.number)
  return {
    places: [
      events,
      ...rows.map(({ generation, searched, deleted, redacted }) => ({
        place: generation,
        searched,
        deleted,
        redacted
      })),
      { place: "directory", searched: named.length, deleted: named.length, redacted: 0 },
      ...held
    ],
    unreadable: searched.unreadable
  } satisfies Erased
})
