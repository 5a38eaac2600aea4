import { existsSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"

/** What a run makes in its folder. */
const PARTS: ReadonlyArray<string> = ["tables", "buckets"]

/** Whether a run with `--data` has written this folder. */
export const isDataFolder = (path: string): boolean => PARTS.every((name) => existsSync(join(path, name)))

/**
 * Makes the folder, or takes one that is there: an empty one, or one of an earlier run, also of one that was killed at its start. Returns a
 * sentence that says why it cannot be used, or nothing. Throws what the file system throws.
 */
export const prepareDataFolder = (path: string): string | undefined => {
  mkdirSync(path, { recursive: true })
  if (isDataFolder(path)) return undefined
  const foreign = readdirSync(path).find((name) => !PARTS.includes(name))
  return foreign === undefined
    ? undefined
    : `--data: ${path} holds other files (${foreign}) and no earlier run: name an empty folder, or one that is not there yet`
}
