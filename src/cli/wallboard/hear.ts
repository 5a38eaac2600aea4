import { Effect } from "effect"
import type { FailedRead } from "./failed-read.ts"
import type { Polling } from "./polling.ts"
import { PASS_EVERY_MS } from "./rhythm.ts"
import type { StreamReader } from "./streams.ts"

/** After a failure the streams are opened anew so long later, and twice as long each time, ms: all is read once each time. */
const REOPEN_MS = 5_000
const LONGEST_PAUSE_MS = 60_000

/** What no stream tells of, though readers use it: a generation that was deployed after the wall began. */
const unheardOf = (streams: StreamReader, polling: Polling): string | undefined => {
  const { agents, queues, intervals } = polling.sources() ?? {}
  const heard = streams.generations()
  const unheard = [agents, queues, intervals].flatMap((from) =>
    from === undefined || heard.includes(from.generation) ? [] : [from.generation]
  )
  return unheard.length === 0
    ? undefined
    : `no stream tells this wall of ${unheard.join(" and ")}, which readers use by now, so that it is read every ${polling.rhythm.roundMs / 60_000} minutes: start the wallboard again`
}

/**
 * Takes what streams tell, for ever. After a failure it begins with what is written from then on, and all is read once. It says so where
 * readers use what no stream tells of.
 */
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
    let failures = 0
    for (;;) {
      const failed: FailedRead | undefined = yield* streams.pass.pipe(
        Effect.tap((writes) => Effect.sync(() => polling.hear(writes))),
        Effect.as(undefined),
        Effect.catchTag("FailedRead", (error) => Effect.succeed(error))
      )
      yield* say(failed?.message ?? unheardOf(streams, polling))
      failures = failed === undefined ? 0 : failures + 1
      if (failed === undefined) yield* Effect.sleep(PASS_EVERY_MS)
      else {
        yield* Effect.sleep(Math.min(LONGEST_PAUSE_MS, REOPEN_MS * 2 ** (failures - 1)))
        yield* Effect.catchTag(streams.open, "FailedRead", () => Effect.void)
        polling.again()
      }
    }
  })
