import { Clock, Effect } from "effect"
import type { Compared, Held } from "./answers.ts"
import { TOLD_MS } from "./finding.ts"
import { readHeld, type Wanted } from "./held.ts"
import { sendStatements } from "./send.ts"
import { together } from "./unit.ts"

/** Entities that are compared at a time: few of them ask the API again. */
const AT_ONCE = 4

/** What the API said of an entity, when it was asked last (epoch ms), and which rows it names besides those that are open. */
export interface Looked<A> extends Wanted {
  readonly answer: A
  readonly asked: number
}

const isEarly = ({ early }: Compared): boolean => Object.values(early).some((count) => count > 0)

/**
 * Compares answers with the rows of `projection`, and puts what they say onto the stream. Where a difference may still be on its way as an event,
 * the entity is looked at again once that must have come, and what it says then counts: so a difference that is sent is one that events
 * did not tell, and `corrected` counts what was lost. Waits at most `TOLD_MS` from the last question, and not at all where nothing is open to doubt.
 */
export const compareSettled = Effect.fnUntraced(function* <A, E, R>(
  projection: string,
  all: ReadonlyArray<Looked<A>>,
  heard: number | undefined,
  compare: (answer: A, held: Held) => Effect.Effect<Compared, E, R>
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
  const sure = together(first.filter((compared) => !isEarly(compared)))
  yield* sendStatements(sure.statements)
  const doubtful = all.filter((_, i) => isEarly(first[i] ?? sure))
  if (doubtful.length === 0) return sure
  const told = Math.max(...doubtful.map(({ asked }) => asked)) + TOLD_MS
  yield* Effect.sleep(Math.max(0, told - (yield* Clock.currentTimeMillis)))
  const settled = together(yield* look(doubtful))
  yield* sendStatements(settled.statements)
  return together([sure, settled])
})
