declare const kind: unique symbol

/**
 * A text that names one kind of thing. Plain texts are taken wherever one is wanted, so that nothing is cast; a name of another kind is
 * not, so that no port takes an entity for an event. At run time it is the text.
 */
type NameOf<Kind extends string> = string & { readonly [kind]?: Kind }

/** The id of an event: that of its envelope. */
export type EventId = NameOf<"event">

/** What a projection has a partition for: an agent, a queue. */
export type EntityId = NameOf<"entity">

/** A projection at a version, which has a table of its own: `agents-v1`. */
export type Generation = NameOf<"generation">

/** A projection, whatever its version: `agents`. */
export type ProjectionName = NameOf<"projection">
