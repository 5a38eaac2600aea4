import { Effect } from "effect"
import type { Delta } from "../domain/delta.ts"
import type { EntityId, Generation } from "../domain/ids.ts"
import type { Unwritable } from "../domain/writable.ts"
import { Parked, type ParkedLetter, parkedKey } from "../store/parked.ts"
import { rowKey } from "../store/projection-store.ts"
import { encodeSettlement } from "../store/settle-queue.ts"

/** Updates that make a row, what follows from rows, or a summary of `projection` impossible to read or write. They come back as they are. */
export interface Refused extends Unwritable {
  readonly projection: Generation
  readonly deltas: ReadonlyArray<Delta>
}

/** Letters that are parked at a time. */
const LETTERS_AT_ONCE = 8

/** An entity of a generation. */
export interface Whose {
  readonly projection: Generation
  readonly entity: EntityId
}

const nameOf = ({ projection, entity }: Whose): string => rowKey({ projection, entity, row: "" })

/** That something of one entity followed from another. */
export interface Followed extends Whose {
  readonly source: Whose
}

/**
 * Of the updates of a batch those of entities, and of those from which something followed for them: merged again, they bring about again
 * what follows.
 */
export const updatesOf = (
  deltas: ReadonlyArray<Delta>,
  entities: ReadonlyArray<Whose>,
  followed: ReadonlyArray<Followed>
): ReadonlyArray<Delta> => {
  const causes = new Map(entities.map((one) => [nameOf(one), one]))
  // What is added while this runs is visited too.
  for (const [name] of causes)
    for (const one of followed) if (nameOf(one) === name) causes.set(nameOf(one.source), one.source)
  return deltas.filter((delta) => causes.has(nameOf(delta)))
}

const letterOf = ({ projection, deltas, reason, detail }: Refused): ParkedLetter => ({
  from: "project",
  body: encodeSettlement(deltas),
  reason,
  detail: `an update of ${projection}: ${detail}`,
  // The same whenever it is tried, so that it is kept once.
  received: Math.max(0, ...deltas.map(({ stamp }) => stamp.published)),
  attempts: 1
})

/** Parks what cannot be written, and says in the log why. */
export const parkLetters = Effect.fnUntraced(function* (letters: ReadonlyArray<ParkedLetter>) {
  const { put } = yield* Parked
  yield* Effect.forEach(letters, put, { concurrency: LETTERS_AT_ONCE, discard: true })
  yield* Effect.logWarning(
    `cannot be written, and parked: ${[...new Set(letters.map(({ reason }) => reason))].join(", ")}`
  )
})

/** Parks what cannot be written as settle messages. Returns how many. */
export const park = Effect.fnUntraced(function* (refused: ReadonlyArray<Refused>) {
  if (refused.length === 0) return 0
  const letters = new Map(refused.map(letterOf).map((letter) => [parkedKey(letter), letter]))
  yield* parkLetters([...letters.values()])
  return letters.size
})
