/** S3 takes 2 KB of metadata in all. */
const MAX_LENGTH = 1_024

/** A text as object metadata, which travels in headers. */
export const headerSafe = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_LENGTH)
