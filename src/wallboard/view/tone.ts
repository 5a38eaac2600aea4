/** What a piece of text means; a terminal's palette or a style sheet decides how that looks. */
export type Tone = "plain" | "strong" | "dim" | "good" | "busy" | "other" | "warn" | "bad" | "odd"
