import { Data } from "effect"
import { logAllowList, redacted } from "./log-allow-list.ts"

/** Why an event is refused. `message` names place, rule and fix, and never the value: it goes to logs. */
interface Refusal {
  readonly path: string
  readonly message: string
}

export class TooLarge extends Data.TaggedError("TooLarge")<Refusal> {}
export class NotText extends Data.TaggedError("NotText")<Refusal> {}
export class NotJson extends Data.TaggedError("NotJson")<Refusal> {}
export class NotAnObject extends Data.TaggedError("NotAnObject")<Refusal> {}
export class TooDeep extends Data.TaggedError("TooDeep")<Refusal> {}
export class TooManyKeys extends Data.TaggedError("TooManyKeys")<Refusal> {}
export class NumberOutOfRange extends Data.TaggedError("NumberOutOfRange")<Refusal> {}
export class MissingId extends Data.TaggedError("MissingId")<Refusal> {}
export class IdTooLong extends Data.TaggedError("IdTooLong")<Refusal> {}
export class IdNotText extends Data.TaggedError("IdNotText")<Refusal> {}
export class TopicTooLong extends Data.TaggedError("TopicTooLong")<Refusal> {}
export class MissingTopic extends Data.TaggedError("MissingTopic")<Refusal> {}
export class InvalidDate extends Data.TaggedError("InvalidDate")<Refusal> {}

export type DecodeError =
  | TooLarge
  | NotText
  | NotJson
  | NotAnObject
  | TooDeep
  | TooManyKeys
  | NumberOutOfRange
  | MissingId
  | IdTooLong
  | IdNotText
  | TopicTooLong
  | MissingTopic
  | InvalidDate

/** A refusal at a place: `refuse(MissingId, "$.id", "an event needs …")`. */
export const refuse = <E extends DecodeError>(error: new (refusal: Refusal) => E, path: string, rule: string): E =>
  new error({ path, message: `${path}: ${rule}` })

const MAX_PATH = 200

/**
 * A JSON path for people. Keys come from outside: one that is not a plain field name (an address, an escape sequence) is
 * shown as `*`, and a long path is cut.
 */
export const pathText = (segments: ReadonlyArray<string | number>): string => {
  let text = "$"
  for (const segment of segments) {
    text += typeof segment === "number" ? `[${segment}]` : `.${redacted(logAllowList.field, segment)}`
    if (text.length > MAX_PATH) return `${text.slice(0, MAX_PATH)}…`
  }
  return text
}
