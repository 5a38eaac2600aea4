/** EventBridge's limit on the text of a rule's pattern. */
export const MAX_PATTERN_LENGTH = 2_048

/** Exact values only: a prefix would let a second integration's events in. */
export const eventPattern = (source: string, topics: ReadonlyArray<string>): string =>
  JSON.stringify({ source: [source], "detail-type": topics })
