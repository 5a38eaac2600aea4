import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { basename, join, normalize, relative } from "node:path"
import { type Mutant, mutantsOf } from "./mutants.ts"

export const ROOT = join(import.meta.dirname, "../..")

export interface Room {
  readonly sources: string
  /** Which tests may kill its mutants, those that kill most for the least time first. */
  readonly tests: ReadonlyArray<string>
}

/** The parts of the code that are mutated, each with the fast tests that look at it. */
export const rooms: Readonly<Record<string, Room>> = {
  domain: {
    sources: "src/domain",
    tests: ["test/domain", "test/lambda/embedded.test.ts", "test/projections"]
  },
  projections: {
    sources: "projections",
    tests: [
      "test/docs/tables.test.ts",
      ...[
        "index",
        "registers",
        "members",
        "conversations",
        "presumed",
        "sessions",
        "connections",
        "agents",
        "queues"
      ].map((name) => `test/projections/${name}.test.ts`),
      ...["users", "observations", "lost-ends", "told-by-others"].map((name) => `test/projections/${name}.test.ts`),
      "test/projections/summary.test.ts",
      "test/projections/rows.test.ts",
      "test/projections"
    ]
  },
  genesys: {
    sources: "src/genesys",
    tests: [
      "test/genesys/topics.test.ts",
      "test/docs/topics.test.ts",
      ...["rules", "presence", "time", "aliases", "drift", "fold", "template"].map(
        (name) => `test/genesys/${name}.test.ts`
      ),
      "test/genesys"
    ]
  },
  "genesys-api": {
    sources: "src/genesys-api",
    tests: [
      ...["words", "organisation", "waits", "pace", "requests"].map((name) => `test/genesys-api/${name}.test.ts`),
      ...["reader", "quiet", "credentials", "options", "api"].map((name) => `test/read/critical-${name}.test.ts`),
      "test/genesys-api"
    ]
  },
  pipeline: {
    sources: "src/pipeline",
    tests: [
      ...["watermark", "generations", "heartbeat", "derive", "drift", "live-projections", "breakers"],
      ...["reconcile/compare-queue", "reconcile/compare-agent", "reconcile/former", "reconcile/look"],
      ...["erase/bytes", "erase/request", "erase/held", "erase/events", "change-row", "audit/check-row"],
      ...["replay/counts", "refused", "entity-entries", "read-events", "lateness", "project-messages"],
      ...[
        "summarise",
        "project",
        "unwritable",
        "reconcile/sweep-times",
        "reconcile/sweep",
        "redrive",
        "quiet",
        "append",
        "diff"
      ],
      ...[
        "replay/verify-part",
        "replay/budget",
        "replay/verify",
        "garbage",
        "hot-entity",
        "clocks",
        "explain",
        "promotion"
      ],
      "reconcile/missing-sweep"
    ]
      .map((name) => `test/pipeline/${name}.test.ts`)
      // What audits and archives is looked at by nothing faster.
      .concat("test/pipeline", "test/pipeline/audit/audit.slow.test.ts", "test/pipeline/archive/archive.slow.test.ts")
  },
  store: {
    sources: "src/store",
    tests: [
      ...[
        "kept-forms",
        "items",
        "rows",
        "stored-event",
        "keys",
        "settle-queue",
        "export-lines",
        "faults",
        "sizes",
        "failed-batches",
        "body",
        "errors"
      ].map((name) => `test/store/${name}.test.ts`),
      ...["config", "redrive", "executions", "memory", "counters", "aws"].map((name) => `test/store/${name}.test.ts`),
      "test/store",
      "test/lambda/runtime.test.ts"
    ]
  },
  read: {
    sources: "src/read",
    tests: [
      ...["order", "changes", "critical", "critical-reader", "connect"].map((name) => `test/read/${name}.test.ts`),
      "test/docs/critical.test.ts",
      ...["critical-options", "messages", "view", "tables", "intervals", "agent-intervals", "rows", "reader"].map(
        (name) => `test/read/${name}.test.ts`
      ),
      "test/read"
    ]
  }
}

const under = (path: string, wanted: (name: string) => boolean): ReadonlyArray<string> =>
  path.endsWith(".ts")
    ? [path]
    : readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" })
        .filter(wanted)
        .map((name) => join(path, name))
        .sort()

export const sourcesOf = (room: Room): ReadonlyArray<string> =>
  under(room.sources, (name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))

export const testsOf = (room: Room): ReadonlyArray<string> => {
  const isFast = (name: string) => name.endsWith(".test.ts") && !name.endsWith(".slow.test.ts")
  return [...new Set(room.tests.flatMap((path) => under(path, isFast)))]
}

/** Ids of different files never meet: each has so many of its own. */
const IDS_A_FILE = 10_000

/** 36 bits of a text. */
const stampOf = (text: string): number =>
  Number.parseInt(createHash("sha256").update(text).digest("hex").slice(0, 9), 16)

const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8")

/** A file by its name and its text. */
export const stampedFile = (file: string): string => `${file}@${stampOf(textOf(file)).toString(16)}`

export interface Placed extends Mutant {
  readonly file: string
}

/** The first id of each file of a room, less one. It follows from the text: what was learned of an id holds as long as that does. */
export const firstIds = (room: Room): ReadonlyMap<string, number> =>
  new Map(sourcesOf(room).map((file) => [file, IDS_A_FILE * stampOf(file + textOf(file))]))

/** Every mutant of a room, with an id of its own. */
export const mutantsIn = (room: Room): ReadonlyArray<Placed> =>
  [...firstIds(room)].flatMap(([file, first]) =>
    mutantsOf(file, textOf(file)).map((mutant) => ({ ...mutant, id: first + mutant.id, file }))
  )

/** Whether a test has the name of the source that a mutant of a room is in: `calls.test.ts` is of `calls.ts`. */
export const ownTests = (room: Room) => {
  const files = new Map([...firstIds(room)].map(([file, first]) => [first, file]))
  return (test: string, id: number): boolean =>
    basename(test, ".test.ts") === basename(files.get(id - (id % IDS_A_FILE)) ?? "", ".ts")
}

export const roomNamed = (name: string): Room => {
  const room = Object.hasOwn(rooms, name) ? rooms[name] : undefined
  if (room === undefined) throw new Error(`No room "${name}". There are: ${Object.keys(rooms).join(", ")}.`)
  return room
}

/** Whether a file is one of those that are named, or in a folder that is. No names leave out nothing. */
export const isUnder = (file: string, names: ReadonlyArray<string>): boolean =>
  names.length === 0 ||
  names.some((name) => {
    const bare = normalize(name).replace(/\/$/, "")
    return file === bare || file.startsWith(`${bare}/`)
  })

/** What a run is narrowed to, by the names of files and folders. */
export interface Narrowed {
  readonly source?: ReadonlyArray<string>
  readonly only?: ReadonlyArray<string>
}

/** The sources and the tests of a room that a run is narrowed to. Throws where a name is that of none. */
export const narrowed = (room: string, { source = [], only = [] }: Narrowed) => {
  const under = (all: ReadonlyArray<string>, names: ReadonlyArray<string>, what: string) => {
    const stray = names.find((name) => !all.some((file) => isUnder(file, [name])))
    if (stray !== undefined)
      throw new Error(`The room "${room}" has no ${what} in "${stray}". Name a file or a folder of it.`)
    return all.filter((file) => isUnder(file, names))
  }
  const { sources, tests } = { sources: sourcesOf(roomNamed(room)), tests: testsOf(roomNamed(room)) }
  return { sources: under(sources, source, "code"), tests: under(tests, only, "tests") }
}

export const inRoot = (path: string): string => relative(ROOT, path)
