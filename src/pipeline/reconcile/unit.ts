import type { Missing } from "./answers.ts"
import type { Refused, SweepCounts } from "./checkpoint.ts"
import type { Later } from "./look.ts"

/**
 * What stands between two checkpoints: what it did, what it has found missing, what is left for later, and where the phase goes on. `next` and
 * `pending` absent: the phase is done.
 */
export interface Unit {
  readonly counts: SweepCounts
  readonly missing?: ReadonlyArray<Missing>
  readonly next?: string
  readonly pending?: ReadonlyArray<string>
  readonly total?: number
  readonly later?: Later
  /** Why nothing of what is missing will be said. */
  readonly refused?: Refused
}
