import { Deferred, Effect, type Scope } from "effect"

/** Runs an effect once for all who ask for the same key while it is under way. */
export type SingleFlight<A, E> = (key: string, effect: Effect.Effect<A, E>) => Effect.Effect<A, E>

/** What is under way belongs to the scope, not to the caller who began it: when that one gives up, the others still get the answer. */
export const makeSingleFlight = <A, E>(scope: Scope.Scope): SingleFlight<A, E> => {
  const under = new Map<string, Deferred.Deferred<A, E>>()
  return (key, effect) =>
    Effect.uninterruptibleMask((restore) => {
      const joined = under.get(key)
      if (joined !== undefined) return restore(Deferred.await(joined))
      const flight = Deferred.makeUnsafe<A, E>()
      under.set(key, flight)
      return Effect.interruptible(effect).pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            under.delete(key)
            Deferred.doneUnsafe(flight, exit)
          })
        ),
        Effect.forkIn(scope),
        Effect.andThen(restore(Deferred.await(flight)))
      )
    })
}
