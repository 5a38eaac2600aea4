import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** An event source that a partner has made in the account. `state`: `PENDING` without a bus, `ACTIVE` with one, `DELETED` once the partner took it away. */
export interface PartnerSource {
  readonly state: string
  /** When AWS deletes a pending source, in epoch ms. */
  readonly expiresAt?: number
}

/** A rule of a bus. */
export interface BusRule {
  readonly enabled: boolean
  /** JSON. */
  readonly pattern: string
}

/** What EventBridge knows in one region of the account, of partners and of what their events go through. */
export class PartnerSources extends Context.Service<
  PartnerSources,
  {
    /** The account in which the calls are made: twelve digits. */
    readonly account: Effect.Effect<string, StoreError>
    /** A source by its full name; undefined where AWS lists none. */
    readonly source: (name: string) => Effect.Effect<PartnerSource | undefined, StoreError>
    readonly hasBus: (name: string) => Effect.Effect<boolean, StoreError>
    readonly rule: (bus: string, name: string) => Effect.Effect<BusRule | undefined, StoreError>
  }
>()("projections/PartnerSources") {}
