import { Clock, Effect, Schema } from "effect"
import { archiveState, record, segmentState } from "./state.ts"

/**
 * Archiver and erasure agree on that no event is written to the archive which was erased after the archiver had read it. The control table
 * counts erasures. The archiver reads the count before it reads events, says with its segment that it writes what it has read since, and then
 * reads the count once more: where it is another, it reads anew. An erasure counts itself once no event in the table names the person, waits for
 * whoever writes what was read before that, and then searches the archive.
 */
export const ERASURES_KEY = "archive/erasures"

const counted = record(Schema.Struct({ count: Schema.Finite }), ERASURES_KEY)

/** How many erasures have erased events from the table. */
export const erasures = Effect.map(counted.read, ({ value }) => value?.count ?? 0)

/** Ms between two looks at a segment that is being written. */
const LOOK_MS = 2_000

const countErasure = Effect.gen(function* () {
  for (;;) {
    const { value, version } = yield* counted.read
    const count = (value?.count ?? 0) + 1
    if (yield* counted.write({ count }, version)) return count
  }
})

/**
 * Returns once the archiver writes nothing any more that it read before now. That takes as long as one write of a segment; where a worker died
 * during it, until another may take its segment over.
 */
export const barArchiver = Effect.gen(function* () {
  const count = yield* countErasure
  const { value: state } = yield* archiveState.read
  const pass = state?.pass
  if (pass === undefined) return
  for (let segment = 0; segment < pass.segments; ) {
    const { value } = yield* segmentState(pass.number, segment).read
    const writes = value?.writing !== undefined && value.writing < count
    if (!writes || value.leasedUntil <= (yield* Clock.currentTimeMillis)) segment++
    else yield* Effect.sleep(LOOK_MS)
  }
})
