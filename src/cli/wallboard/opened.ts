import { Effect, Option } from "effect"
import { AGENTS, QUEUE_INTERVALS, QUEUES } from "../../read/source.ts"
import { PortRefused } from "../../wallboard/port.ts"
import { openWallboard } from "../../wallboard/wallboard.ts"
import { Screen, usageError } from "../screen.ts"
import type { StackTarget } from "../stack/stack.ts"
import { makeStreamReader, streamsOf } from "./streams.ts"

/** Lets the wall be asked for on a port, for as long as the scope lasts. */
export const serve = Effect.fnUntraced(function* (port: Option.Option<number>) {
  return yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => openWallboard(Option.getOrUndefined(port)),
      catch: (cause) =>
        usageError(
          cause instanceof PortRefused ? cause.message : `nothing can be served here: ${(cause as Error).message}`
        )
    }),
    (board) => Effect.promise(board.close)
  )
})

/** The streams of what is shown, where the stack has them and these credentials may read them. */
export const openStreams = Effect.fnUntraced(function* (stack: StackTarget, withDay: boolean) {
  const names = [AGENTS, QUEUES, ...(withDay ? [QUEUE_INTERVALS] : [])].map(({ name }) => name)
  const arns = streamsOf(stack.outputs, names)
  if (arns.length === 0) return undefined
  const reader = yield* makeStreamReader(stack, arns)
  const { note } = yield* Screen
  return yield* reader.open.pipe(
    Effect.as(reader),
    Effect.catchTag("FailedRead", ({ message }) =>
      Effect.sync(() => note(`${message}, to follow the change streams; it polls instead`)).pipe(Effect.as(undefined))
    )
  )
})
