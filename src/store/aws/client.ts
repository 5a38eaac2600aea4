import { type Context, Effect } from "effect"
import { Connection } from "../connection.ts"

/**
 * One attempt a call, because the retries are ours: they know the deadline and the single statements. A call that hangs is cut
 * off, so that a retry has time left. Connections are kept alive, as is the SDK's default.
 */
const defaults = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true }
}

interface Client {
  readonly destroy: () => void
  readonly middlewareStack: { readonly remove: (name: string) => boolean }
}

/** The SDK copies every request and every answer for a logger, even for none: a tenth of the CPU of append. */
const quiet = <C extends Client>(made: C): C => {
  made.middlewareStack.remove("loggerMiddleware")
  return made
}

/** A client of the SDK for as long as the scope lasts, connected as `Connection` says. Each service has a file of its own, so that a bundle holds no other. */
export const client = <C extends Client>(make: (settings: typeof defaults & Connected) => C) =>
  Effect.gen(function* () {
    const settings = yield* Connection
    return yield* Effect.acquireRelease(
      Effect.sync(() => quiet(make({ ...defaults, ...settings }))),
      (made) => Effect.sync(() => made.destroy())
    )
  })

type Connected = Context.Service.Shape<typeof Connection>
