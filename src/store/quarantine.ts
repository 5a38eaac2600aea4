import { createHash } from "node:crypto"
import { Context, type Effect } from "effect"
import { iso } from "../domain/stamp.ts"
import type { StoreError } from "./store-error.ts"

/** What could not be appended: the bytes as they came, the name of the reason, and the arrival in epoch ms. */
export interface Quarantined {
  readonly raw: Uint8Array
  /** The tag of the decode error, or `Conflict`. */
  readonly reason: string
  /** One sentence that names the place and the rule, never the value. */
  readonly detail: string
  readonly received: number
}

/** Where bytes go that are not appended. Putting the same entry twice keeps one object. */
export class Quarantine extends Context.Service<
  Quarantine,
  { readonly put: (entries: ReadonlyArray<Quarantined>) => Effect.Effect<void, StoreError> }
>()("projections/Quarantine") {}

/** What stands for the bytes in the name of an entry: 16 hexadecimal digits, at its end. */
export const quarantineDigest = (raw: Uint8Array): string => createHash("sha256").update(raw).digest("hex").slice(0, 16)

/**
 * The name under which an entry is kept: by reason, then by day of arrival. The same for the same bytes, reason and arrival,
 * so that a retry keeps one object.
 */
export const quarantineKey = ({ raw, reason, received }: Quarantined): string =>
  `quarantine/${reason.replace(/[^\w.-]/g, "_")}/${iso(received).slice(0, 10)}/${received}-${quarantineDigest(raw)}`
