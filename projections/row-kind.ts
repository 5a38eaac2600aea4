import { Schema } from "effect"

/**
 * One kind of row of a projection: what its sort key looks like (`session#<sessionId>`), what it stands for, and its columns. Sets of
 * words are open: Genesys adds to them, so they are texts here, and a description names the known ones.
 */
export interface RowKind {
  readonly row: string
  readonly meaning: string
  readonly columns: Schema.Struct<Schema.Struct.Fields> & Schema.ConstraintDecoder<unknown>
}

const ISO = /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** A text; `description` says of what. */
export const text = (description: string) => Schema.String.annotate({ description })

/** A time: ISO-8601 in UTC with milliseconds, so that times of a table sort as text. */
export const time = (description: string) =>
  Schema.String.check(Schema.isPattern(ISO)).annotate({ description, format: "date-time" })

/** Yes or no. */
export const flag = (description: string) => Schema.Boolean.annotate({ description })

/** A number of things: whole, not negative. */
export const count = (description: string) =>
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({ description })

/** Any number that Genesys reports. */
export const number = (description: string) => Schema.Finite.annotate({ description })

/** Names the words that are known of an open set. */
export const among = (words: ReadonlyArray<string>): string =>
  `one of ${words.map((word) => `\`${word}\``).join(", ")}, or another that Genesys adds`
