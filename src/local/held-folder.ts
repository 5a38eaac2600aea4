interface Coded {
  readonly code?: string
  readonly message?: string
  readonly cause?: Coded
}

/**
 * Why the folder that an option names (`--data`, `--local`) cannot be opened, and the way out: the error of the engine's store says it.
 * Undefined for an error of something else.
 */
export const heldText = (option: string, path: string, error: unknown): string | undefined => {
  const failed = (error as { readonly cause?: Coded }).cause
  if (failed?.code !== "LEVEL_DATABASE_NOT_OPEN") return undefined
  const { code, message = failed.message } = failed.cause ?? {}
  return code === "LEVEL_LOCKED"
    ? `${option} ${path}: another run or command has this folder open: end that, or name another folder`
    : `${option} ${path}: the tables in it cannot be opened (${message}): name another folder`
}
