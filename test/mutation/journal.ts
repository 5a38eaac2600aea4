import { createHash } from "node:crypto"
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { mutantsIn, ROOT, roomNamed } from "./rooms.ts"

/** What a run has learned, a line for each. */
export type Entry =
  | { readonly is: "killed"; readonly id: number; readonly by: string }
  /** A mutant that never ended: it is killed by the time. */
  | { readonly is: "hung"; readonly id: number }
  /** Not killed after all: what failed was what earlier mutants had left behind. */
  | { readonly is: "revived"; readonly ids: ReadonlyArray<number> }
  /** A test that has tried every mutant that it reaches, and those. */
  | { readonly is: "tried"; readonly test: string; readonly ids: ReadonlyArray<number> }
  /** Mutants that were reached outside of tests: while a file was loaded, or in its hooks. */
  | { readonly is: "outside"; readonly ids: ReadonlyArray<number> }
  /** A file that was loaded anew for each of these mutants, and whose tests have run with it. */
  | { readonly is: "loaded"; readonly file: string; readonly ids: ReadonlyArray<number> }
  /** A process that has ended before its pass was over. */
  | { readonly is: "again" }
  /** A test that fails without any mutant. */
  | { readonly is: "broken"; readonly test: string; readonly file: string }

/** The journal of a room, as long as its code stays the same: what a run that was stopped has learned is not lost. */
export const journalOf = (room: string) => {
  const code = createHash("sha256")
    .update(JSON.stringify(mutantsIn(roomNamed(room))))
    .digest("hex")
    .slice(0, 12)
  const folder = join(ROOT, "node_modules/.cache/mutation", `${room}-${code}`)
  mkdirSync(folder, { recursive: true })
  const [path, beat] = [join(folder, "journal.jsonl"), join(folder, "now.json")]
  return {
    write: (entry: Entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`),
    entries: (): ReadonlyArray<Entry> =>
      existsSync(path)
        ? readFileSync(path, "utf8")
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => JSON.parse(line) as Entry)
        : [],
    /** Which mutant is being tried, for whoever watches. 0: none. */
    now: (id: number) => {
      // Whoever watches reads all of it or what was there before.
      writeFileSync(`${beat}.new`, JSON.stringify({ id, at: Date.now() }))
      renameSync(`${beat}.new`, beat)
    },
    beat: (): { readonly id: number; readonly at: number } | undefined =>
      existsSync(beat) ? JSON.parse(readFileSync(beat, "utf8")) : undefined,
    clear: () => writeFileSync(path, "")
  }
}

/** What the entries of a journal come to. `reached`: by tests or outside of them. `loaded`: files and ids, as `FILE ID`. */
export const learnedFrom = (entries: ReadonlyArray<Entry>) => {
  const killed = new Map<number, string>()
  const [hung, reached] = [new Set<number>(), new Set<number>()]
  const [tried, loaded, broken] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const entry of entries) {
    if (entry.is === "killed") killed.set(entry.id, entry.by)
    if (entry.is === "hung") hung.add(entry.id)
    if (entry.is === "revived") for (const id of entry.ids) killed.delete(id)
    if (entry.is === "tried") tried.add(entry.test)
    if (entry.is === "tried" || entry.is === "outside") for (const id of entry.ids) reached.add(id)
    if (entry.is === "loaded") for (const id of entry.ids) loaded.add(`${entry.file} ${id}`)
    if (entry.is === "broken") broken.add(`${entry.file}: ${entry.test}`)
  }
  return { killed, hung, reached, tried, loaded, broken }
}
