/**
 * What a projection of your own is written with: the value that describes it, the events and facets that it folds, and the package's own. Nothing here does I/O, and nothing of Pulumi or AWS is loaded, because the deployed functions import it.
 */
export { agentIntervals } from "../../projections/agent-intervals.ts"
export { agents } from "../../projections/agents.ts"
export { conversations } from "../../projections/conversations.ts"
export { queueIntervals } from "../../projections/queue-intervals.ts"
export { queues } from "../../projections/queues.ts"
export type { Update } from "../domain/delta.ts"
export { type Derivation, type DerivedRow, derivedIn, type SourceRows } from "../domain/derivation.ts"
export type { EntityId, EventId, Generation, ProjectionName } from "../domain/ids.ts"
export type { Json } from "../domain/json.ts"
export { type Columns, type EntityRow, generation, type Projection, STATE_ROW } from "../domain/projection.ts"
export { latestIn, type Register, type Row } from "../domain/row.ts"
export { iso } from "../domain/stamp.ts"
export type { Event, Facet, Load, Presence, Segment, Session, Station } from "../genesys/event.ts"
export { type FacetFolds, foldFacets } from "../genesys/fold.ts"
export { availability, effectiveState } from "../genesys/presence.ts"
