/**
 * All that may be said of an event in a log line, a metric, a span, a dead letter's attribute, an object's key or metadata, or a
 * notice: names that programmers gave, and nothing that people or machines filled in. What does not have the form is `*`. A run of
 * four digits is an id, a number or a date, and in no name.
 *
 * Beside these, only what this project or AWS names itself is said: reasons, operations, functions, request ids, counts, times.
 */
export const logAllowList = {
  /** A template as `detail-type` has it: `v2.users.{id}.activity`. */
  topic: /^v\d{1,2}(?:\.(?:\{id\}|[A-Za-z]{1,40})){1,12}$/,
  /** A field of an event, at each step of a path: `presence.modifiedDate`. */
  field: /^(?!.*\d{4})[A-Za-z_][A-Za-z0-9_]{0,40}$|^detail-type$/,
  /** A word of an enumeration in capitals: `ON_QUEUE`. */
  word: /^(?!.*\d{4})[A-Z][A-Z0-9_]{1,40}$/,
  /** A medium where analytics writes it: `voice`. */
  medium: /^[a-z]{2,40}$/,
  /** A metric of analytics: `oWaiting`, one letter for the kind and then a name. */
  metric: /^[a-z][A-Z][A-Za-z]{1,40}$/
} as const

/** The text where it has the form, and `*` where it might say something of somebody. */
export const redacted = (form: RegExp, text: string): string => (form.test(text) ? text : "*")
