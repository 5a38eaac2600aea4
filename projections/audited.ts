/*
 * What an audit counts for. It tells when it was logged, and the change may be up to `AUDIT_LATENESS_MS` older.
 * - A presence, and a member who was added: others state these too, and better. The clock is that much earlier.
 * - A member who was removed: nobody else tells. It counts from its entry, and a member who is back comes back with the next list.
 * - A user who was deleted, deactivated or activated: nobody else tells. It counts from its entry among audits, and a presence other than
 *   OFFLINE that the user has declared since then shows that they are back, though the audit of that was lost.
 */

/**
 * How long after a change an audit of it may be logged, in ms. Genesys states no bound; a published body was logged 272 s later.
 */
export const AUDIT_LATENESS_MS = 300_000

/**
 * The clock of what an audit states. An audit tells when it was logged, and the change may be up to `AUDIT_LATENESS_MS` older. So its clock
 * is that much earlier: it fills what nobody stated, and never replaces what a direct event states of the same change or a later one.
 */
export const auditedClock = (loggedAt: number): number => loggedAt - AUDIT_LATENESS_MS
