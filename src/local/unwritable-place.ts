/** The place of events and updates of which a table cannot hold everything. They were received, and all else of them has come through. */
export const UNWRITABLE_PLACE = "parked/unwritable"

/** Whether a parked object is one of them. */
export const isUnwritable = (key: string): boolean => /^parked\/(append|project)\//.test(key)
