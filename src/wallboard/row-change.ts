import type { Columns } from "../domain/projection.ts"

/** A row that was written: its columns before, where it was there and open, and after; `asOf` is epoch ms. */
export interface RowChange {
  readonly kind: "agents" | "queues"
  readonly entity: string
  readonly row: string
  readonly asOf: number
  readonly before?: Columns
  readonly after: Columns
}
