import type { Field, ReadOf } from "./body.ts"
import type { Envelope } from "./envelope.ts"
import type { Facet } from "./event.ts"
import { type Example, exampleEnvelope } from "./example.ts"
import { matchTemplate } from "./template.ts"
import { tolerant } from "./tolerant.ts"

/** What a topic makes of an event: the id that it is about, and the facets that its body states. */
export interface Reading {
  readonly subject: string
  readonly facets: ReadonlyArray<Facet>
}

/** One event as a topic's `facets` sees it. `ids` are those in `topicName`, in order; `subject` is the last. */
export interface Notice<Body> {
  readonly subject: string
  readonly ids: ReadonlyArray<string>
  /** When the event was published, in epoch ms. */
  readonly published: number
  readonly body: Body
  readonly metadata: unknown
}

/**
 * A topic of the contract, as a plain value.
 *
 * `meaning` says in a sentence or two what its events tell. `body` describes all that Genesys documents of the body, also what nothing
 * reads. `clocks` names each facet that the topic can state, with the field of the body that holds its event time; null where the body
 * has none, and then the publication decides. `read` is undefined for a `topicName` that does not have the template's shape.
 */
export interface Topic {
  readonly template: string
  readonly meaning: string
  readonly body: Field
  readonly clocks: Clocks
  readonly read: (topicName: string, eventBody: unknown, metadata: unknown, published: number) => Reading | undefined
  readonly example: Envelope
}

export type Clocks = { readonly [K in Facet["facet"]]?: string | null }

interface Definition<Body extends Field> {
  readonly template: string
  readonly meaning: string
  readonly body: Body
  readonly clocks: Clocks
  readonly facets: (notice: Notice<ReadOf<Body>>) => ReadonlyArray<Facet>
  readonly example: Example
}

/** A body that is missing or no object states nothing. */
const nothing: ReadonlyArray<Facet> = []

export const defineTopic = <const Body extends Field>(definition: Definition<Body>): Topic => {
  const { template, meaning, body: description, clocks, facets, example } = definition
  const match = matchTemplate(template)
  const readBody = tolerant(description)
  return {
    template,
    meaning,
    body: description,
    clocks,
    read: (topicName, eventBody, metadata, published) => {
      const ids = match(topicName)
      if (ids === undefined) return undefined
      const subject = ids[ids.length - 1] as string
      const body = readBody(eventBody)
      return { subject, facets: body === undefined ? nothing : facets({ subject, ids, published, body, metadata }) }
    },
    example: exampleEnvelope(template, example)
  }
}

/** The facet with its clock, or without one where the body has no valid time. Takes the facet over: it is set in place. */
export const timed = (clock: number | undefined, facet: Facet): Facet => {
  // A copy for one field would be the dearest part of a decode.
  if (clock !== undefined) (facet as { clock?: number }).clock = clock
  return facet
}

/** The object without the fields that say nothing (absent or empty text): a value must be JSON. */
export const present = <T extends { readonly [key: string]: string | number | undefined }>(
  fields: T
): { readonly [K in keyof T]?: Exclude<T[K], undefined> } => {
  const kept: { [key: string]: string | number } = {}
  for (const key in fields) {
    const field: string | number | undefined = fields[key]
    if (field !== undefined && field !== "") kept[key] = field
  }
  return kept as { readonly [K in keyof T]?: Exclude<T[K], undefined> }
}
