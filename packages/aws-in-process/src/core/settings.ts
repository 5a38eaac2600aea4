/**
 * Throws on each setting that the engine does not know: what is ignored here would surprise on AWS. `transparent` settings are
 * known to change nothing that a caller of the engine could see (tags, encryption under an AWS-owned key, metrics).
 */
export const refuseUnknown = (
  what: string,
  settings: object,
  implemented: ReadonlyArray<string>,
  transparent: ReadonlyArray<string> = []
): void => {
  const unknown = Object.entries(settings).filter(
    ([name, value]) => value !== undefined && !implemented.includes(name) && !transparent.includes(name)
  )
  if (unknown.length > 0)
    throw new Error(`not implemented by aws-in-process: ${what} ${unknown.map(([name]) => name).join(", ")}`)
}

/** The value when it is a whole number from `min` to `max`; throws otherwise. */
export const whole = (what: string, value: number, min: number, max: number): number => {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`${what} must be a whole number from ${min} to ${max}, not ${value}`)
  return value
}

/** The sixth and last part of an ARN. */
export const arnResource = (arn: string): string => arn.split(":").slice(5).join(":")

export const arnRegion = (arn: string): string => arn.split(":")[3] ?? ""

/** An id in the form of a UUID, the same in each run: `space` says whose, `n` counts. */
export const countedUuid = (space: number, n: number): string =>
  `${space.toString(16).padStart(8, "0")}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`
