/** `8s`, `3m12s`, `2h05m`, `4d07h`: never more than two units. */
export const duration = (ms: number): string => {
  const two = (value: number) => String(value).padStart(2, "0")
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m${two(seconds % 60)}s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours}h${two(minutes % 60)}m` : `${Math.floor(hours / 24)}d${two(hours % 24)}h`
}

/** `5.02s` below a minute, so that a tenth of a second shows. */
export const lag = (ms: number): string => (Math.abs(ms) < 59_995 ? `${(ms / 1_000).toFixed(2)}s` : duration(ms))

/** `12,345` */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",")

/** `99.8`, and without decimals from a thousand on. */
export const rate = (value: number): string => (value < 999.95 ? value.toFixed(1) : count(value))

/** Enough of an id to tell it from the others at a glance. */
export const shortId = (id: string): string => id.slice(0, 8)
