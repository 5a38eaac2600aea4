/** The time zone of this machine. */
export const timeZoneHere = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    return true
  } catch {
    return false
  }
}
