import type { Effect } from "effect"

/** A request as it arrives: `path` without a stage, still encoded. */
export interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Headers
}

/** Sends a piece of a body. Fails where nobody takes it any more. */
export type Write = (text: string) => Effect.Effect<void, Gone>

/** Whoever asked is not there any more. */
export type Gone = { readonly _tag: "Gone" }

/** A reply. `follow` sends the rest of a body that has no end yet. Names of headers are in lower case. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly follow?: (write: Write) => Effect.Effect<void, Gone>
}
