import { Layer } from "effect"
import { Sizing } from "../cli/scale/sizing.ts"
import { capacityOf, type Load } from "../infra/capacity.ts"

/** Sizes by the derivation that deploys them. */
export const sizing = Layer.succeed(Sizing, {
  of: (load, peak) =>
    capacityOf({ ...(load as unknown as Load), ...(peak === undefined ? {} : { peakEventsPerSecond: peak }) })
})
