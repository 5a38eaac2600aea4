import { Effect, Option } from "effect"
import type { Json } from "../../domain/json.ts"
import { erasureOf } from "../../genesys/erasure.ts"
import { mentions } from "../../genesys/redact.ts"
import { Archive, type ArchivedEvent, type ArchiveObject, type ArchiveVersion } from "../../store/archive.ts"
import { countsOf } from "../../store/archive-lines.ts"
import { EventStore } from "../../store/event-store.ts"
import { barArchiver } from "../archive/erasures.ts"
import { bury, type Holding, type PlaceErased } from "./held.ts"

/**
 * Searches the archive, where there is one, object by object, once the archiver has written what it read before events were erased. What
 * the event table has of the same id says what is left; of an event that has left the table the id is noted there as erased, so that it is
 * not stored anew. Objects that no window names are searched first: a window that is sealed meanwhile is then among the windows. What the
 * archiver writes from then on names nobody who was erased. Last comes what objects were before they were written over, by this search or by
 * the archiver. Such a version is deleted as a whole where it holds the person, or what nobody can read: its events are in the version that
 * came after it, or in the table.
 */
export const eraseArchive = Effect.fnUntraced(function* ({ names, deleted, redacted, request }: Holding) {
  const archive = Option.getOrUndefined(yield* Effect.serviceOption(Archive))
  if (archive === undefined) return []
  if (request !== undefined) yield* barArchiver
  const store = yield* EventStore
  let [searched, gone, changed] = [0, 0, 0]
  let [searchedBefore, goneBefore] = [0, 0]
  const seen = new Set<string>()
  /** Objects of which the newest earlier version is what this search has replaced, and counted. */
  const counted = new Set<string>()

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

  /** Searches an object. Returns whether it was replaced. */
  const take = Effect.fnUntraced(function* (object: ArchiveObject) {
    // One that was cut off between an object and its list is not what the list says, and is mended by what follows.
    const events = yield* archive.read(object, "unchecked")
    const left = yield* Effect.forEach(events, leftOf)
    const isSame = left.every((one, i) => one === events[i])
    const dropped = events.filter((_, i) => left[i] === undefined)
    // One that was searched before its window was sealed is counted once.
    if (!seen.has(object.key)) {
      searched += events.length
      gone += dropped.length
      changed += left.filter((one, i) => one !== undefined && one !== events[i]).length
    }
    seen.add(object.key)
    const isListed = object.tally.items > 0
    const isWhole = isSame && (!isListed || events.length === object.tally.items)
    if (request === undefined || isWhole) return false
    const touched = events.filter((one, i) => left[i] !== one)
    yield* bury(
      touched.map(({ id }) => id),
      request
    )
    // The archiver may have written it again since it was read.
    yield* archive.replace(object, (now) =>
      Effect.map(Effect.forEach(now, leftOf), (all) => all.flatMap((one) => one ?? []))
    )
    counted.add(object.key)
    return true
  })

  const takeFormer = Effect.fnUntraced(function* (one: ArchiveVersion) {
    const events = yield* archive.readFormer(one)
    const left = yield* Effect.forEach(events ?? [], leftOf)
    const touched = (events ?? []).filter((event, i) => left[i] !== event)
    const isCounted = counted.delete(one.key)
    if (!isCounted) {
      searchedBefore += events?.length ?? 0
      goneBefore += events === undefined ? 1 : touched.length
    }
    if (request === undefined || (events !== undefined && touched.length === 0)) return
    if (!isCounted)
      yield* bury(
        touched.map(({ id }) => id),
        request
      )
    yield* archive.drop(one)
  })

  for (const object of yield* archive.unlisted) yield* take(object)
  for (const window of yield* archive.windows) {
    const objects = yield* archive.objects(window)
    const { items, bytes } = countsOf(objects)
    let isCounted = items === window.items && bytes === window.bytes
    for (const object of objects) if (yield* take(object)) isCounted = false
    if (request !== undefined && !isCounted) yield* archive.recount(window.window)
  }
  for (const one of yield* archive.former) yield* takeFormer(one)
  return [
    { place: "archive", searched, deleted: gone, redacted: changed },
    { place: "archive, earlier versions", searched: searchedBefore, deleted: goneBefore, redacted: 0 }
  ] satisfies ReadonlyArray<PlaceErased>
})
