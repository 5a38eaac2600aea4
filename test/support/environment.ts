/**
 * Notes the environment, and returns what puts it back. Files share a worker, and an object in the place of `process.env` would reach
 * no system call any more: a test that sets `TZ` after it would find the time zone as it was.
 */
export const keepEnvironment = (): (() => void) => {
  const before = { ...process.env }
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  }
}
