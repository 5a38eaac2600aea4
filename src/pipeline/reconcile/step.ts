import { Effect } from "effect"
import { DIRECTORY_KINDS } from "../../domain/directory.ts"
import { CallFailed } from "../../genesys-api/call-failed.ts"
import { Directory } from "../../store/directory.ts"
import { readersOf } from "../generations.ts"
import { agentsUnit } from "./agents.ts"
import { noCounts, PHASES, type Phase, type Sweep } from "./checkpoint.ts"
import { formerUnit } from "./former.ts"
import { missingUnit } from "./missing.ts"
import { namesUnit } from "./names.ts"
import { queuesPage, queuesUnit } from "./queues.ts"
import type { Unit } from "./unit.ts"

/** The generation that readers use; undefined where the stack folds no such projection. */
const inUse = (name: string) =>
  readersOf(name).pipe(
    Effect.map((generation): string | undefined => generation),
    Effect.catchTag("GenerationRefused", () => Effect.undefined)
  )

/** Pages of a list. The largest organisations fill some hundred; the next one is none that the API should have. */
export const MOST_PAGES = 1_000

const lists: Readonly<Record<Phase, string>> = {
  agents: "/api/v2/users",
  inactive: "/api/v2/users",
  deleted: "/api/v2/users",
  queues: "/api/v2/routing/queues",
  presences: "/api/v2/presence/definitions",
  wrapupCodes: "/api/v2/routing/wrapupcodes",
  divisions: "/api/v2/authorization/divisions",
  missing: ""
}

/** Where a sweep goes on after a unit: with the rest of its phase, or the next phase; undefined after the last. */
const after = (sweep: Sweep, unit: Unit): Sweep | undefined => {
  const { next: _, pending: __, pages = 0, ...rest } = sweep
  const totals =
    unit.total !== undefined && (sweep.phase === "agents" || sweep.phase === "queues")
      ? { ...sweep.totals, [sweep.phase]: unit.total }
      : sweep.totals
  const here = { ...rest, totals, ...(unit.refused === undefined ? {} : { refused: unit.refused }) }
  const pending = unit.pending ?? []
  if (unit.next !== undefined || pending.length > 0)
    return {
      ...here,
      pages: unit.next === sweep.next ? pages : pages + 1,
      ...(unit.next === undefined ? {} : { next: unit.next }),
      ...(pending.length === 0 ? {} : { pending })
    }
  const phase = PHASES[PHASES.indexOf(sweep.phase) + 1]
  return phase === undefined ? undefined : { ...here, phase }
}

const runUnit = Effect.fnUntraced(function* (sweep: Sweep, heard: number | undefined) {
  const { phase, next, pending, chunk } = sweep
  if (phase === "agents") return yield* agentsUnit(yield* inUse("agents"), next, heard)
  if (phase === "inactive" || phase === "deleted") return yield* formerUnit(yield* inUse("agents"), phase, next, heard)
  if (phase === "missing") return yield* missingUnit(sweep)
  if (phase !== "queues") return yield* namesUnit(phase, next)
  const projection = yield* inUse("queues")
  if (pending === undefined) {
    const page = yield* queuesPage(next)
    return projection === undefined
      ? { ...page, counts: { ...page.counts, queues: page.pending.length }, pending: [] }
      : page
  }
  const looked =
    projection === undefined ? { counts: noCounts } : yield* queuesUnit(projection, pending.slice(0, chunk), heard)
  return { ...looked, pending: pending.slice(chunk), ...(next === undefined ? {} : { next }) }
})

/** The unit that comes next. After the last one the directory is told that the sweep was whole. */
export const step = Effect.fnUntraced(function* (sweep: Sweep, heard: number | undefined) {
  const { phase, pages = 0 } = sweep
  if (pages >= MOST_PAGES) return yield* new CallFailed({ reason: "endless", call: `GET ${lists[phase]}` })
  const unit: Unit = yield* runUnit(sweep, heard)
  const next = after(sweep, unit)
  const { swept } = yield* Directory
  if (next === undefined) for (const kind of DIRECTORY_KINDS) yield* swept(kind, sweep.began)
  return { unit, next }
})
