/**
 * Ends the process with a sentence where a package of a clone is not installed, as after a `git pull` that brought one. Throws every other
 * error again.
 */
export const orInstall = (error: Error & { readonly code?: string }): never => {
  const [, name] = /^Cannot find package '([^']+)'/.exec(error.message) ?? []
  if (error.code !== "ERR_MODULE_NOT_FOUND" || name === undefined) throw error
  process.stderr.write(`the package ${name} is not installed: run npm ci\n`)
  process.exit(1)
}
