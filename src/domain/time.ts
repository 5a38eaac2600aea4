/** Epoch ms as ISO-8601 UTC with milliseconds, the form in which every column shows a time. */
export const iso = (ms: number): string => new Date(ms).toISOString()
