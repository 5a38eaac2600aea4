const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const

/** A duration as a person writes it, in ms: `90s`, `5m`, `1h`, or seconds without a unit. Undefined for any other text. */
export const durationMs = (text: string): number | undefined => {
  const [, count, unit = "s"] = /^([1-9]\d{0,6})([smh])?$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
}
