/** The key of the control item that holds the watermark. */
export const WATERMARK_KEY = "watermark"

/**
 * How far the projections are settled: all updates whose event time is up to `through` (epoch ms) have been folded, as far as anybody can
 * know. `windowMs` is the settle window W by which that was judged, and before whose end nothing is shown.
 */
export interface Watermark {
  readonly through: number
  readonly windowMs: number
}

/** Up to which event time (epoch ms) all is settled at `now`: never more than is due, for whoever moved the watermark may have a clock ahead. */
export const settledAt = ({ through, windowMs }: Watermark, now: number): number => Math.min(through, now - windowMs)

/** Ms by which a watermark is behind where it would be if nothing that is due were left to fold. */
export const lagOf = (level: Watermark, now: number): number => now - level.windowMs - settledAt(level, now)
