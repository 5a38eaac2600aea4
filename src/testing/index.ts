/**
 * The test kit for projections: `given` some events, in every order, these rows; and the laws that every projection is held to. It needs
 * no AWS and no clock, and works with any test runner.
 */
export { type Difference, LawBroken, ProjectionAssertionError } from "./broken.ts"
export { checkLaw } from "./check.ts"
export { type EventSpec, eventOf } from "./event.ts"
export type { WithSources } from "./fold.ts"
export { type Given, given, type RowExpectation } from "./given.ts"
export type { Law } from "./law.ts"
export { laws } from "./laws.ts"
export { type Histories, historiesOf, type LawsOptions, projectionLaws } from "./suite.ts"
