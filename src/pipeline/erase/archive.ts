import { createHash } from "node:crypto"
import { Effect, Option } from "effect"
import type { Json } from "../../domain/json.ts"
import { erasureOf } from "../../genesys/erasure.ts"
import { mentions } from "../../genesys/redact.ts"
import { Archive, type ArchivedEvent, type ArchiveObject } from "../../store/archive.ts"
import { ErasureJournal } from "../../store/erasure-journal.ts"
import { EventStore } from "../../store/event-store.ts"
import { bury, type Holding, type PlaceErased } from "./held.ts"

/** Notes that an object is replaced, so that a run that goes on deletes its earlier versions too. */
const noteOf = ({ key }: ArchiveObject): string =>
  `object-${createHash("sha256").update(key).digest("hex").slice(0, 24)}`

/**
 * Searches the archive, where there is one, object by object. What the event table has of the same id says what is left; of an event that has
 * left the table the id is noted there as erased, so that it is not stored anew. Objects that no list names are searched last, so that what
 * a pass of the archiver has written by then is among them.
 */
export const eraseArchive = Effect.fnUntraced(function* ({ names, deleted, redacted, request }: Holding) {
  const archive = Option.getOrUndefined(yield* Effect.serviceOption(Archive))
  if (archive === undefined) return []
  const [store, journal] = [yield* EventStore, yield* ErasureJournal]
  let [searched, gone, changed] = [0, 0, 0]

  /** The event without the person; undefined where nothing is left, and itself where it names nobody. */
  const leftOf = Effect.fnUntraced(function* (event: ArchivedEvent) {
    const { id, envelope, received, item } = event
    if (deleted.has(id)) return undefined
    if (redacted.has(id)) {
      const stored = (yield* store.read([id])).get(id)
      if (stored !== undefined && !mentions(names, stored.envelope as Json))
        return { id, topic: event.topic, published: event.published, received, envelope: stored.envelope }
    }
    if (envelope === undefined) return item !== undefined && mentions(names, item) ? undefined : event
    const erasure = erasureOf(names, envelope, received)
    if (erasure === undefined) return event
    return erasure.left === undefined ? undefined : { ...event, envelope: erasure.left.envelope }
  })

  const take = Effect.fnUntraced(function* (object: ArchiveObject, isListed: boolean) {
    // One that was cut off between an object and its list is not what the list says, and is mended by what follows.
    const events = yield* archive.read(object, "unchecked")
    const left = yield* Effect.forEach(events, leftOf)
    searched += events.length
    const isSame = left.every((one, i) => one === events[i])
    const dropped = events.filter((_, i) => left[i] === undefined)
    gone += dropped.length
    changed += left.filter((one, i) => one !== undefined && one !== events[i]).length
    const note = noteOf(object)
    const isWhole = isSame && (!isListed || events.length === object.tally.items)
    if (request === undefined || (isWhole && request.notes?.has(note) !== true)) return
    // Whoever is cut off between the new version and the deletion of those before finds nobody in the object.
    if (!isWhole) yield* journal.write(request.number, note, {})
    const touched = events.filter((one, i) => left[i] !== one)
    yield* bury(
      touched.map(({ id }) => id),
      request
    )
    yield* archive.replace(
      object,
      left.flatMap((one) => one ?? [])
    )
  })

  for (const window of yield* archive.windows)
    for (const object of yield* archive.objects(window)) yield* take(object, true)
  for (const object of yield* archive.unlisted) yield* take(object, false)
  return [{ place: "archive", searched, deleted: gone, redacted: changed } satisfies PlaceErased]
})
