import { Result } from "effect"
import { threw, type Unwritable } from "../domain/writable.ts"

/** Calls a function of a projection, which may be anybody's. `what`: its name. */
export const tried = <A>(what: string, call: () => A): Result.Result<A, Unwritable> => {
  try {
    return Result.succeed(call())
  } catch (thrown) {
    return Result.fail(threw(what, thrown))
  }
}
