import { Effect } from "effect"
import type { FailedRead } from "./failed-read.ts"
import type { Polling } from "./polling.ts"
import { PASS_EVERY_MS } from "./rhythm.ts"
import type { StreamReader } from "./streams.ts"

/** After a failure the streams are opened anew so long later, ms. */
const REOPEN_MS = 5_000

/** Takes what streams tell, for ever. After a failure it begins with what is written from then on, and all is read once. */
export const hear = (
  streams: StreamReader,
  polling: Polling,
  onProblem: (problem: string | undefined) => Effect.Effect<void>
) =>
  Effect.gen(function* () {
    let said: string | undefined
    const say = Effect.fnUntraced(function* (problem: string | undefined) {
      if (problem === said) return
      said = problem
      polling.tell(problem)
      yield* onProblem(problem)
    })
    for (;;) {
      const failed: FailedRead | undefined = yield* streams.pass.pipe(
        Effect.tap((writes) => Effect.sync(() => polling.hear(writes))),
        Effect.as(undefined),
        Effect.catchTag("FailedRead", (error) => Effect.succeed(error))
      )
      yield* say(failed?.message)
      if (failed === undefined) yield* Effect.sleep(PASS_EVERY_MS)
      else {
        yield* Effect.sleep(REOPEN_MS)
        yield* Effect.catchTag(streams.open, "FailedRead", () => Effect.void)
        polling.again()
      }
    }
  })
