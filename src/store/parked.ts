import { createHash } from "node:crypto"
import { Context, type Effect } from "effect"
import { iso } from "../domain/stamp.ts"
import type { Source } from "./dead-letters.ts"
import type { StoreError } from "./store-error.ts"

/** An event of which append cannot send every update, updates that project cannot write, or an event that a replay cannot fold. */
export type SetAside = "append" | "project" | "replay"

/**
 * A dead letter that is not brought back, or what a function sets aside so that all else goes on. `body` is an event, or from `settle` and
 * `project` a settle message. `received` (epoch ms) is when it came to be; `detail` holds no value of the body.
 */
export interface ParkedLetter {
  readonly from: Source | SetAside
  readonly body: string
  readonly reason: string
  readonly detail: string
  readonly received: number
  readonly attempts: number
}

/** Where for people waits what is not brought back or cannot be written. Putting the same one twice keeps one object. */
export class Parked extends Context.Service<
  Parked,
  { readonly put: (letter: ParkedLetter) => Effect.Effect<void, StoreError> }
>()("projections/Parked") {}

/** The name under which a letter is kept: by queue or function, then by day. The same for the same letter, so that a retry keeps one object. */
export const parkedKey = ({ from, body, received }: ParkedLetter): string => {
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 16)
  return `parked/${from}/${iso(received).slice(0, 10)}/${received}-${hash}`
}
