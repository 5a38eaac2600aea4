import { fileURLToPath, pathToFileURL } from "node:url"
import { projections } from "../../projections/index.ts"
import { generation, type Projection } from "../domain/projection.ts"
import { missingSources } from "../domain/stages.ts"
import type { Event } from "../genesys/event.ts"
import { isPublished, packageRoot } from "./package-root.ts"
import { type RecordedShapes, recordedShapes, shapesFile } from "./table-shape.ts"

/** What a stack folds: the values, and the module that the deployed functions import them from. */
export interface ProjectionsModule {
  /** Absolute path of a module that exports `projections`. It is bundled into every function. */
  readonly file: string
  /** What that module exports. */
  readonly projections: ReadonlyArray<Projection<Event>>
  /**
   * What the repository keeps in `shapes.json` beside the module: the shape of each generation's table. A stack refuses a generation that
   * no longer has it, for its table would be replaced. Undefined without that file.
   */
  readonly shapes?: RecordedShapes | undefined
}

const ownFile = `${packageRoot}${isPublished ? "dist/projections/index.js" : "projections/index.ts"}`

/** The projections of this package: agents, queues, conversations and intervals of queues. */
export const ownProjections: ProjectionsModule = { file: ownFile, projections, shapes: recordedShapes(ownFile) }

/** A module of projections that cannot be used, and why. */
export class ProjectionsError extends Error {
  override readonly name = "ProjectionsError"
  /** Pulumi shows such an error without its stack trace, as it does its own `RunError`. The operator's command, which has no Pulumi, throws it too. */
  readonly __pulumiRunError = true
}

/**
 * Reads the projections of your own repository for `GenesysProjections`. The module exports a list named `projections`; list the
 * package's own there too if you want them: `import { agents, conversations, queues } from "genesys-cloud-projections/projection"`. `agents` and
 * `queues` derive from `conversations`: list it with either.
 *
 * `module` is the URL or the absolute path of the file, such as `new URL("./projections.ts", import.meta.url)`. The program needs the
 * values for tables and roles, and the functions need the module, because code cannot be made of values: so both come from one file.
 *
 * Rejects with a `ProjectionsError` where the module cannot be loaded or a projection is faulty.
 * TypeScript needs Node 22.18 or newer, or a loader; otherwise name the compiled file.
 */
export const projectionsFrom = async (module: URL | string): Promise<ProjectionsModule> => {
  const url = module instanceof URL ? module : module.startsWith("file:") ? new URL(module) : pathToFileURL(module)
  const file = fileURLToPath(url)
  const found = await (import(/* @vite-ignore */ url.href) as Promise<{ readonly projections?: unknown }>).catch(
    (cause: unknown) => {
      throw new ProjectionsError(`${file} cannot be loaded: ${hint(cause)}`)
    }
  )
  const faults = projectionFaults(found.projections)
  if (faults.length > 0) throw new ProjectionsError(`${file} has faulty projections:\n- ${faults.join("\n- ")}`)
  return { file, projections: found.projections as ProjectionsModule["projections"], shapes: shapesBeside(file) }
}

const shapesBeside = (file: string) => {
  try {
    return recordedShapes(file)
  } catch (cause) {
    throw new ProjectionsError(`${shapesFile(file)} cannot be read: ${(cause as Error).message}`)
  }
}

const hint = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException
  return code === "ERR_UNKNOWN_FILE_EXTENSION"
    ? `Node ${process.versions.node} does not read TypeScript; use 22.18 or newer, or name the compiled .js file.`
    : message
}

/** Names of tables and attributes are made of these. */
const NAME = /^[a-z][a-z0-9-]{0,62}$/
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,62}$/

const FIELDS: ReadonlyArray<readonly [keyof Projection<Event>, (value: unknown) => boolean, string]> = [
  ["name", (value) => typeof value === "string" && NAME.test(value), "lower-case letters, digits and dashes"],
  ["version", (value) => Number.isInteger(value) && Number(value) >= 1, "a whole number from 1"],
  ["key", (value) => typeof value === "string" && KEY.test(value) && value !== "row", "a column name other than row"],
  [
    "topics",
    (value) => Array.isArray(value) && value.length > 0 && value.every((topic) => typeof topic === "string"),
    "a list of the topics that deltas folds"
  ],
  ["deltas", (value) => typeof value === "function", "a function"],
  ["view", (value) => typeof value === "function", "a function"],
  ["closed", (value) => typeof value === "function", "a function"],
  ["tombstoneSeconds", (value) => typeof value === "number" && value > 0, "a number of seconds above 0"],
  ["summary", (value) => value === undefined || isSummary(value), "{ reads, columns, of }, or leave it out"]
]

const isSummary = (value: unknown): boolean => {
  const { reads, columns, of } = (value ?? {}) as Record<string, unknown>
  return typeof reads === "function" && (of === undefined || typeof of === "function") && Array.isArray(columns)
}

/** What is wrong with a list of projections, one sentence each; nothing where it can be folded. */
export const projectionFaults = (list: unknown): ReadonlyArray<string> => {
  if (!Array.isArray(list) || list.length === 0)
    return ["projections is no list of projections; export const projections = [...] with at least one."]
  const faults = list.flatMap((one: Record<string, unknown> | null, at) =>
    FIELDS.filter(([field, holds]) => !holds(one?.[field])).map(
      ([field, , instead]) => `projections[${at}].${field} is ${shown(one?.[field])}; set ${instead}.`
    )
  )
  if (faults.length > 0) return faults
  const projections = list as ProjectionsModule["projections"]
  const names = projections.map(generation)
  const twice = [...new Set(names.filter((name, at) => names.indexOf(name) !== at))]
  const absent = missingSources(projections).map(
    ([one, from]) => `${generation(one)} derives from ${from}, which is not listed; add it to the list.`
  )
  return [...twice.map((name) => `${name} is listed twice; raise the version of one, or remove it.`), ...absent]
}

const shown = (value: unknown): string => (typeof value === "function" ? "a function" : String(JSON.stringify(value)))
