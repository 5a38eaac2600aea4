import { Effect } from "effect"
import type { CallFailed } from "../../genesys-api/call-failed.ts"
import type { Organisation } from "../../genesys-api/organisation.ts"
import type { StreamSink } from "../../store/hand-over.ts"
import type { ProjectionStore } from "../../store/projection-store.ts"
import type { StoreError } from "../../store/store-error.ts"
import type { Compared, Held } from "./answers.ts"
import { together } from "./counts.ts"
import { TOLD_MS } from "./finding.ts"
import { readHeld, type Wanted } from "./held.ts"
import { sendStatements } from "./send.ts"

/** Entities that are compared at a time: few of them ask the API again. */
const AT_ONCE = 4

/** What the API said of an entity, when it was asked last (epoch ms), and which rows it names besides those that are open. */
export interface Looked<A> extends Wanted {
  readonly answer: A
  readonly asked: number
}

const isEarly = ({ early, missing }: Compared): boolean =>
  Object.values(early).some((count) => count > 0) || missing.some(({ told }) => told === "early")

/** Differences that may be on their way as events: `look` compares them once more, from `due` (epoch ms) on. */
export interface Later {
  readonly due: number
  readonly look: Effect.Effect<Compared, CallFailed | StoreError, Organisation | ProjectionStore | StreamSink>
}

/** What a comparison came to, and what is left for later. */
export interface Settled {
  readonly compared: Compared
  readonly later?: Later
}

/**
 * Compares answers with the rows of `projection`, and puts what they say onto the stream, but not what they leave out. Where a difference may still be on its way as an event,
 * the entity is left for `TOLD_MS` later, when its event must have come, and what it says then counts: so a difference that is sent is one
 * that events did not tell, and `corrected` counts what was lost.
 */
export const compareSettled = Effect.fnUntraced(function* <A>(
  projection: string,
  all: ReadonlyArray<Looked<A>>,
  heard: number | undefined,
  compare: (answer: A, held: Held) => Effect.Effect<Compared, CallFailed, Organisation>
) {
  const look = Effect.fnUntraced(function* (some: ReadonlyArray<Looked<A>>) {
    const held = yield* readHeld(projection, some, heard)
    return yield* Effect.forEach(
      some,
      ({ entity, answer }) => {
        const rows = held.get(entity)
        return rows === undefined ? Effect.succeed(together([])) : compare(answer, rows)
      },
      { concurrency: AT_ONCE }
    )
  })
  const first = yield* look(all)
  const compared = together(first.filter((one) => !isEarly(one)))
  yield* sendStatements(compared.statements)
  const doubtful = all.filter((_, i) => isEarly(first[i] ?? compared))
  if (doubtful.length === 0) return { compared } satisfies Settled as Settled
  const again = Effect.gen(function* () {
    const settled = together(yield* look(doubtful))
    yield* sendStatements(settled.statements)
    return settled
  })
  const due = Math.max(...doubtful.map(({ asked }) => asked)) + TOLD_MS
  return { compared, later: { due, look: again } } satisfies Settled as Settled
})
