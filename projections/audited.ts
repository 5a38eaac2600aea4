/**
 * How long after a change an audit of it may be logged, in ms. Genesys states no bound; a published body was logged 272 s later.
 */
export const AUDIT_LATENESS_MS = 300_000

/**
 * The clock of what an audit states. An audit tells when it was logged, and the change may be up to `AUDIT_LATENESS_MS` older. So its clock
 * is that much earlier: it fills what nobody stated, and never replaces what a direct event states of the same change or a later one.
 */
export const auditedClock = (loggedAt: number): number => loggedAt - AUDIT_LATENESS_MS
