/** The key of the control item that holds the watermark. */
export const WATERMARK_KEY = "watermark"

/**
 * How far the projections are settled: all updates whose event time is up to `through` (epoch ms) have been folded, as far as anybody can
 * know. `windowMs` is the settle window W by which that was judged, and before whose end nothing is shown.
 */
export interface Level {
  readonly through: number
  readonly windowMs: number
}

/** Ms by which a watermark is behind where it would be if nothing that is due were left to fold. */
export const lagOf = ({ through, windowMs }: Level, now: number): number => Math.max(0, now - windowMs - through)
