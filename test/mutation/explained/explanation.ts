/** A mutant that no test can kill, or that none should, and why. `original` and `replacement` are as the report shows them. */
export interface Explanation {
  readonly file: string
  readonly original: string
  readonly replacement: string
  /** A part of the line that it begins in, which tells it from others that read the same. */
  readonly within: string
  /** The beginning of what follows it in its line, which tells it from others in that line. */
  readonly before: string
  readonly because: string
}

/**
 * By the change, as the report shows it: why it stays. Where several read the same, a part of its line stands after `in:`, and what
 * follows it there after `before:`.
 */
export const stays = (file: string, reasons: Readonly<Record<string, string>>): ReadonlyArray<Explanation> =>
  Object.entries(reasons).map(([change, because]) => {
    const [place = "", before = ""] = change.split(" before: ")
    const [what = "", within = ""] = place.split(" in: ")
    const [original = "", replacement = ""] = what.split(" → ")
    return { file, original, replacement, within, before, because }
  })

export const SPEED = "how many are under way at a time is a matter of speed"
export const NAME = "it is a name, by which nothing is decided"
export const ABSENT = "what is undefined is taken for what is absent; the compiler tells them apart"
export const ALIKE = "both ways come to the same; which is taken is a matter of speed"
export const KEPT = "a day that is not kept is asked for again; how many are kept is a matter of speed"
export const PAGES = "a page may have any size, and who reads goes on until there is no cursor"
