import { Effect } from "effect"
import { readersKey } from "../../../src/domain/readers.ts"
import type { Register } from "../../../src/domain/row.ts"
import type { Discrepancy } from "../../../src/pipeline/audit/discrepancy.ts"
import { Control } from "../../../src/store/control.ts"
import { type EntityEntry, EntityIndex } from "../../../src/store/entity-index.ts"
import { ProjectionStore, type ReadRow, type RowWrite } from "../../../src/store/projection-store.ts"
import { forge, having } from "../../support/corruptions.ts"
import { type Small, START } from "./small.ts"

export const seat = { projection: "desks-v1", entity: "d", row: "seat#1" }
export const left = { ...seat, row: "seat#2" }
export const lamp = { ...seat, row: "lamp" }
export const pane = { projection: "screens-v1", entity: "s", row: "pane" }

type At = typeof seat

/** A row as the store has it. */
export const rowAt = (core: Small, { projection, entity, row }: At): ReadRow => {
  const one = core.rows.rows(projection, entity).find((held) => held.row === row)
  if (one === undefined) throw new Error(`there is no ${row}`)
  return one
}

/** Writes a row with another register, or without it, and with what follows from that unless told otherwise. */
const write = (
  core: Small,
  at: At,
  name: string,
  change: Partial<Register> | undefined,
  more: Partial<RowWrite> = {}
) => {
  const { registers, columns } = rowAt(core, at)
  const held = registers.get(name)
  const register =
    change && ({ value: 1, stamp: { clock: 0, published: 0, eventId: "" }, ...held, ...change } as Register)
  const { [name]: _, ...others } = columns
  return forge(core, at, {
    registers: having(registers, name, register),
    ...(at === pane ? {} : { columns: register === undefined ? others : { ...others, [name]: register.value } }),
    ...more
  })
}

const stamp = (clock: number, eventId: string) => ({ clock: START + clock, published: START + clock, eventId })

const summarised = (core: Small, columns: object) =>
  core.run(
    Effect.gen(function* () {
      const store = yield* ProjectionStore
      const { version, ...seen } = yield* store.summary("desks-v1", "d")
      yield* store.summarise(
        "desks-v1",
        "d",
        { version, ...seen },
        { ...seen, columns: { ...seen.columns, ...columns } }
      )
    })
  )

const entry: EntityEntry = { projection: "desks", entity: "d", eventId: "e2", received: START + 5_000 }

const written = (core: Small, key: string, value: object) =>
  core.run(Control.use((control) => control.write(key, value as never, 0)))

const row = { generation: "desks-v1", entity: "d", row: "seat#1" }
const ofPane = { generation: "screens-v1", entity: "s", row: "pane" }
const source = { generation: "desks-v1", entity: "d" }
const counted: Discrepancy = { kind: "summary", generation: "desks-v1", entity: "d", version: 1 }
const unlit: Discrepancy = { kind: "update", ...row, row: "lamp", names: ["on"], eventId: "e3" }
const empty: Discrepancy = { kind: "update", ...row, names: ["x", "screen"], eventId: "e1" }
const half: Discrepancy = { kind: "update", ...row, names: ["y"], eventId: "e4" }
const unleft: Discrepancy = { kind: "update", ...row, row: "seat#2", names: ["x", "end"], eventId: "e2" }
const late: Discrepancy = {
  kind: "entryMissing",
  generation: "desks",
  entity: "d",
  eventId: "e2",
  received: START + 5_000
}
const tooMany = (of: Pick<Discrepancy, "generation" | "entity" | "row">, version: number): Discrepancy => ({
  ...{ kind: "unexplained", ...of, names: [], version }
})
const shown: Discrepancy = { kind: "derived", ...ofPane, names: ["~shown d"], source }

/** What somebody did to a table, and all that an audit then finds. */
export interface Corrupted {
  readonly title: string
  readonly corrupt: (core: Small) => unknown
  readonly found: ReadonlyArray<Discrepancy>
}

export const corrupted: ReadonlyArray<Corrupted> = [
  {
    title: "a value that no event says",
    corrupt: (core) => write(core, seat, "x", { value: 6 }),
    found: [{ kind: "unexplained", ...row, names: ["x"], eventId: "e1", version: 2 }, counted, shown]
  },
  {
    title: "a register of the future that no event explains",
    corrupt: (core) => write(core, lamp, "on", { stamp: stamp(9e9, "none") }, { asOf: START + 9e9 }),
    found: [{ kind: "unexplained", ...row, row: "lamp", names: ["on"], eventId: "none", version: 2 }]
  },
  {
    title: "two registers that no event explains",
    corrupt: async (core) => {
      await write(core, lamp, "a", { value: 1, stamp: stamp(5_000, "none") })
      await write(core, lamp, "b", { value: 1, stamp: stamp(6_000, "other") }, { asOf: START + 6_000 })
    },
    found: [{ kind: "unexplained", ...row, row: "lamp", names: ["a", "b"], eventId: "none", version: 3 }]
  },
  {
    title: "a register that is gone",
    corrupt: (core) => write(core, lamp, "on", undefined, { registers: new Map(), columns: {}, asOf: 0 }),
    found: [tooMany({ ...row, row: "lamp" }, 2), unlit]
  },
  {
    title: "a row that is lost",
    corrupt: (core) => core.rows.drop("desks-v1", "d", "lamp"),
    found: [unlit]
  },
  {
    title: "an open row that is lost",
    corrupt: (core) => core.rows.drop("desks-v1", "d", "seat#1"),
    found: [counted, shown, empty, half]
  },
  {
    title: "all rows of an entity that are lost",
    corrupt: (core) => core.rows.drop("desks-v1", "d"),
    found: [shown, empty, unleft, unlit, half]
  },
  {
    title: "a row too many",
    corrupt: (core) => forge(core, { ...lamp, row: "nobody" }, { columns: { on: 1 } }),
    found: [tooMany({ ...row, row: "nobody" }, 1)]
  },
  {
    title: "a column that is another",
    corrupt: (core) => forge(core, lamp, { columns: { on: 2 } }),
    found: [{ kind: "columns", ...row, row: "lamp", names: ["on"], version: 2 }]
  },
  {
    title: "a tombstone without an expiry",
    corrupt: (core) => forge(core, left, { expiresAt: undefined } as never),
    found: [{ kind: "tombstone", ...row, row: "seat#2", version: 2 }]
  },
  {
    title: "an open row with an expiry",
    corrupt: (core) => forge(core, lamp, { expiresAt: START / 1_000 + 80_000 }),
    found: [{ kind: "tombstone", ...row, row: "lamp", version: 2 }]
  },
  {
    title: "an open row that the index of open rows lacks",
    corrupt: (core) => forge(core, seat, { counted: false }),
    found: [{ kind: "openIndex", ...row, version: 2 }, counted]
  },
  {
    title: "a row in the index of open rows that is left",
    corrupt: (core) => forge(core, left, { counted: true, remembered: true }),
    found: [{ kind: "openIndex", ...row, row: "seat#2", version: 2 }, counted]
  },
  {
    title: "a summary that counts wrong",
    corrupt: (core) => summarised(core, { count: 9 }),
    found: [{ ...counted, version: 2 }]
  },
  {
    title: "a summary that is lost",
    corrupt: (core) => core.rows.drop("desks-v1", "d", "state"),
    found: [{ ...counted, version: 0 }]
  },
  {
    title: "a derived register that is gone",
    corrupt: (core) => write(core, pane, "~shown d", undefined),
    found: [shown, tooMany(ofPane, 2)]
  },
  {
    title: "a derived register that says something else",
    corrupt: (core) => write(core, pane, "~shown d", { value: 4 }),
    found: [shown, { kind: "columns", ...ofPane, names: ["x"], version: 2 }]
  },
  {
    title: "a derived register of an entity that does not show there",
    corrupt: (core) => write(core, pane, "~shown other", { value: 4, stamp: stamp(0, "e1") }),
    found: [{ ...shown, names: ["~shown other"], source: { ...source, entity: "other" } }]
  },
  { title: "a derived row that is lost", corrupt: (core) => core.rows.drop("screens-v1", "s", "pane"), found: [shown] },
  {
    title: "an entry that the index by entity lacks",
    corrupt: (core) => core.run(EntityIndex.use(({ remove }) => remove([entry])) as never),
    found: [late]
  },
  {
    title: "an entry of an event that is not stored",
    corrupt: (core) => core.run(EntityIndex.use(({ add }) => add([{ ...entry, eventId: "none" }])) as never),
    found: [{ ...late, kind: "entryExtra", eventId: "none" }]
  },
  {
    title: "a pointer to a generation that is not listed",
    corrupt: (core) => written(core, readersKey("desks"), { generation: "desks-v9" }),
    found: [{ kind: "pointer", generation: "desks", names: ["desks-v9"] }]
  }
]
