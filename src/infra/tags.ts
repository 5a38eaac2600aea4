/** Tags of everything that can carry them. */
export type Tags = Readonly<Record<string, string>>
