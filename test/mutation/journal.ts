import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ROOT, roomNamed, stampedFile, testsOf } from "./rooms.ts"

/** What a run has learned, a line for each. `in`: the file of the test, with a stamp of its text. */
export type Entry =
  | { readonly is: "killed"; readonly id: number; readonly in: string; readonly by: string }
  /** A mutant that never ended: it is killed by the time. */
  | { readonly is: "hung"; readonly id: number }
  /** Not known to be killed by that test: it may have failed by what earlier mutants had left behind. */
  | { readonly is: "revived"; readonly test: string; readonly ids: ReadonlyArray<number> }
  /** A test that was tried with those mutants, which no test before it had killed. */
  | { readonly is: "tried"; readonly in: string; readonly test: string; readonly ids: ReadonlyArray<number> }
  /** Mutants that were reached outside of tests: while a file was loaded, or in its hooks. */
  | { readonly is: "outside"; readonly in: string; readonly ids: ReadonlyArray<number> }
  /** A file that was loaded anew for each of these mutants, and whose tests have run with it. */
  | { readonly is: "loaded"; readonly in: string; readonly ids: ReadonlyArray<number> }
  /** A process that has ended before its pass was over. */
  | { readonly is: "again" }
  /** A test that fails without any mutant. */
  | { readonly is: "broken"; readonly in: string; readonly test: string }

/** How a test file is named that cannot be loaded. */
export const unloadable = (file: string): string => `${file} cannot be loaded`

/** The journal of a room: what a run that was stopped has learned is not lost. */
export const journalOf = (room: string) => {
  const folder = join(ROOT, "node_modules/.cache/mutation", room)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, "journal.jsonl")
  return {
    write: (entry: Entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`),
    entries: (): ReadonlyArray<Entry> =>
      existsSync(path)
        ? readFileSync(path, "utf8")
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => JSON.parse(line) as Entry)
        : [],
    clear: () => writeFileSync(path, "")
  }
}

/**
 * What the entries of a journal come to, as far as it still holds: what a test has told counts as long as its file stays the same, and
 * the id of a mutant is another one when its file changes. `reached`: by tests or outside of them. `stained`: tests that mutants leave
 * something behind in.
 */
export const learnedFrom = (entries: ReadonlyArray<Entry>, files: ReadonlySet<string>) => {
  const killed = new Map<number, string>()
  const [hung, reached] = [new Set<number>(), new Set<number>()]
  const [tried, loaded] = [new Map<string, Set<number>>(), new Map<string, Set<number>>()]
  const [stained, broken] = [new Set<string>(), new Set<string>()]
  const add = (to: Map<string, Set<number>>, key: string, ids: ReadonlyArray<number>) =>
    to.set(key, new Set([...(to.get(key) ?? []), ...ids]))
  for (const entry of entries) {
    if ("in" in entry && !files.has(entry.in)) continue
    if (entry.is === "killed") killed.set(entry.id, entry.by)
    if (entry.is === "hung") hung.add(entry.id)
    if (entry.is === "revived") for (const id of entry.ids) killed.delete(id)
    if (entry.is === "revived") stained.add(entry.test)
    if (entry.is === "tried") add(tried, entry.test, entry.ids)
    if (entry.is === "tried") broken.delete(entry.test)
    if (entry.is === "outside" || entry.is === "loaded") broken.delete(unloadable(entry.in))
    if (entry.is === "tried" || entry.is === "outside") for (const id of entry.ids) reached.add(id)
    if (entry.is === "loaded") add(loaded, entry.in, entry.ids)
    if (entry.is === "broken") broken.add(entry.test)
  }
  return { killed, hung, reached, tried, loaded, stained, broken }
}

/** What is known of a room. */
export const knownOf = (room: string) =>
  learnedFrom(journalOf(room).entries(), new Set(testsOf(roomNamed(room)).map(stampedFile)))
