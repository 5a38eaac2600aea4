/** What agents and queues are called, by id. */
export type Names = ReadonlyMap<string, string>

export const NO_NAMES: Names = new Map()
