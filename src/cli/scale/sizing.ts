import { Context } from "effect"
import type { Warm } from "../../store/scaling.ts"

/** What a stack must have for a peak. */
export interface Sizes {
  readonly shards: number
  readonly eventTable: Warm
  readonly projectionTable: Warm
  /** Undefined without the index by entity. */
  readonly entityTable: Warm | undefined
}

/** The derivation that the stack was deployed with. */
export class Sizing extends Context.Service<
  Sizing,
  {
    /** From the stack's output `load`, with another peak in events per second where one is given. */
    readonly of: (load: Readonly<Record<string, unknown>>, peak?: number) => Sizes
  }
>()("projections/Sizing") {}
