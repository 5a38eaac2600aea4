import { Effect } from "effect"
import { STATE_ROW } from "../../src/domain/projection.ts"
import { readersKey } from "../../src/domain/readers.ts"
import type { Register, Row } from "../../src/domain/row.ts"
import type { DiscrepancyKind } from "../../src/pipeline/audit/discrepancy.ts"
import { Control } from "../../src/store/control.ts"
import { EntityIndex } from "../../src/store/entity-index.ts"
import { ProjectionStore, type ReadRow, type RowWrite, rowKey } from "../../src/store/projection-store.ts"
import type { Core } from "./core.ts"

/** A row of a core, where it is. */
export interface Placed extends ReadRow {
  readonly projection: string
  readonly entity: string
}

/** Every row of a generation, in the order of entities and rows. */
export const rowsIn = (core: Core, projection: string): Promise<ReadonlyArray<Placed>> =>
  core.run(
    Effect.gen(function* () {
      const store = yield* ProjectionStore
      const found: Array<Placed> = []
      let cursor: string | undefined
      do {
        const page: Effect.Success<ReturnType<typeof store.pages>> = yield* store.pages(projection, {
          segment: 0,
          segments: 1,
          ...(cursor === undefined ? {} : { cursor })
        })
        found.push(...page.rows.map(({ open: _, ...row }) => ({ projection, ...row })))
        cursor = page.cursor
      } while (cursor !== undefined)
      return found
    })
  )

/** Overwrites a row as no live write would. */
export const forge = (core: Core, at: Pick<RowWrite, "projection" | "entity" | "row">, change: Partial<RowWrite>) =>
  core.run(
    Effect.gen(function* () {
      const store = yield* ProjectionStore
      const from = (yield* store.load([at], true)).get(rowKey(at))
      const shown = (yield* store.read([at])).get(rowKey(at))
      const { expiresAt, revised } = from ?? {}
      const [written] = yield* store.save([
        {
          ...at,
          registers: from?.registers ?? new Map(),
          columns: shown?.columns ?? {},
          asOf: shown?.asOf ?? 0,
          from,
          counted: from?.open ?? false,
          remembered: from?.open ?? false,
          ...(expiresAt === undefined ? {} : { expiresAt }),
          ...(revised === undefined ? {} : { revised }),
          ...change
        }
      ])
      if (written !== "written") throw new Error("the corruption was not written")
    })
  )

export const having = (row: Row, name: string, register: Register | undefined): Row => {
  const changed = new Map(row)
  if (register === undefined) changed.delete(name)
  else changed.set(name, register)
  return changed
}

const found = <A>(rows: ReadonlyArray<A>, is: (row: A) => boolean): A => {
  const one = rows.find(is)
  if (one === undefined) throw new Error("the day has no row to corrupt")
  return one
}

const isSession = ({ row }: Placed): boolean => row.startsWith("session#")
const isClosed = ({ expiresAt }: Placed): boolean => expiresAt !== undefined

/** The state of an agent that has a register of that name. */
const agentWith = async (core: Core, register: string) =>
  found(await rowsIn(core, "agents-v2"), (one) => one.row === STATE_ROW && one.registers.has(register))

/** A corruption, and what an audit is to call it. `before` makes the day such that it can be. */
export interface Corruption {
  readonly title: string
  readonly kind: DiscrepancyKind
  readonly corrupt: (core: Core) => Promise<unknown>
  /** No merge can mend it: people must decide. */
  readonly stays?: true
}

const later = ({ stamp, value }: Register, by: number): Register => ({
  value,
  stamp: { ...stamp, clock: stamp.clock + by }
})

export const corruptions: ReadonlyArray<Corruption> = [
  {
    title: "the value of a register that is another",
    kind: "unexplained",
    corrupt: async (core) => {
      const one = await agentWith(core, "routingStatus")
      const held = one.registers.get("routingStatus") as Register
      const value = held.value === "IDLE" ? "INTERACTING" : "IDLE"
      await forge(core, one, { registers: having(one.registers, "routingStatus", { ...held, value }) })
    }
  },
  {
    title: "a register with a clock in the future that no event explains",
    kind: "unexplained",
    corrupt: async (core) => {
      const one = await agentWith(core, "routingStatus")
      const held = later(one.registers.get("routingStatus") as Register, 365 * 86_400_000)
      const register = { ...held, stamp: { ...held.stamp, eventId: "never-stored" } }
      await forge(core, one, {
        registers: having(one.registers, "routingStatus", register),
        asOf: register.stamp.clock
      })
    }
  },
  {
    title: "a register that is gone",
    kind: "update",
    corrupt: async (core) => {
      const one = await agentWith(core, "routingStatus")
      await forge(core, one, { registers: having(one.registers, "routingStatus", undefined) })
    }
  },
  {
    title: "a register as an older event has it",
    kind: "update",
    corrupt: async (core) => {
      const one = await agentWith(core, "routingStatus")
      const held = one.registers.get("routingStatus") as Register
      for (const { eventId } of core.index
        .entries()
        .filter((e) => e.projection === "agents" && e.entity === one.entity)) {
        const stored = core.events.stored().get(eventId)
        const { eventBody: body, timestamp } = (stored?.envelope.detail ?? {}) as {
          readonly eventBody?: { readonly routingStatus?: unknown }
          readonly timestamp?: string
        }
        const { status, startTime } = (body?.routingStatus ?? {}) as { status?: string; startTime?: string }
        const clock = Date.parse(startTime ?? "")
        if (
          status === undefined ||
          !(clock < held.stamp.clock) ||
          String(stored?.envelope["detail-type"]).endsWith("activity")
        )
          continue
        const published = Date.parse(timestamp ?? "")
        const register: Register = { value: status, stamp: { clock, published, eventId } }
        return forge(core, one, { registers: having(one.registers, "routingStatus", register) })
      }
      throw new Error("the day has no older status of that agent")
    }
  },
  {
    title: "a row that is missing",
    kind: "update",
    corrupt: async (core) => {
      const one = await agentWith(core, "presence")
      core.rows.drop(one.projection, one.entity, one.row)
    }
  },
  {
    title: "a tombstone that is missing",
    kind: "update",
    corrupt: async (core) => {
      const one = found(await rowsIn(core, "agents-v2"), (row) => isSession(row) && isClosed(row))
      core.rows.drop(one.projection, one.entity, one.row)
    }
  },
  {
    title: "all rows of an entity that are missing",
    kind: "update",
    corrupt: async (core) => {
      const one = await agentWith(core, "presence")
      core.rows.drop(one.projection, one.entity)
    }
  },
  {
    title: "a row too many",
    kind: "unexplained",
    corrupt: async (core) => {
      const one = found(await rowsIn(core, "agents-v2"), (row) => isSession(row) && !isClosed(row))
      await forge(
        core,
        { ...one, row: "session#nobody" },
        { registers: one.registers, columns: one.columns, asOf: one.asOf }
      )
    }
  },
  {
    title: "a row without any register",
    kind: "unexplained",
    corrupt: (core) =>
      forge(core, { projection: "agents-v2", entity: "nobody", row: STATE_ROW }, { columns: { state: "Available" } })
  },
  {
    title: "a column that is another",
    kind: "columns",
    corrupt: async (core) => {
      const one = await agentWith(core, "presence")
      await forge(core, one, { columns: { ...one.columns, state: "Meeting" } })
    }
  },
  {
    title: "a time of the row that is another",
    kind: "columns",
    corrupt: async (core) => {
      const one = await agentWith(core, "presence")
      await forge(core, one, { asOf: one.asOf + 1 })
    }
  },
  {
    title: "a tombstone without an expiry",
    kind: "tombstone",
    corrupt: async (core) => {
      const one = found(await rowsIn(core, "agents-v2"), (row) => isSession(row) && isClosed(row))
      const { expiresAt: _, ...change } = { expiresAt: undefined, counted: false }
      await core.run(
        Effect.gen(function* () {
          const store = yield* ProjectionStore
          const from = (yield* store.load([one], true)).get(rowKey(one))
          const { registers, columns, asOf, projection, entity, row } = one
          return yield* store.save([{ projection, entity, row, registers, columns, asOf, from, ...change }])
        })
      )
    }
  },
  {
    title: "an open row with an expiry",
    kind: "tombstone",
    corrupt: async (core) => {
      const one = await agentWith(core, "presence")
      await forge(core, one, { expiresAt: Math.floor(core.clock.now() / 1_000) + 80_000 })
    }
  },
  {
    title: "an open row that the index of open rows lacks",
    kind: "openIndex",
    corrupt: async (core) => {
      const one = found(await rowsIn(core, "queues-v2"), (row) => row.row.startsWith("member#") && !isClosed(row))
      await forge(core, one, { counted: false, remembered: false })
    }
  },
  {
    title: "a row in the index of open rows that is not open",
    kind: "openIndex",
    corrupt: async (core) => {
      const one = await agentWith(core, "presence")
      await forge(core, one, { counted: true })
    }
  },
  {
    title: "a summary that counts wrong",
    kind: "summary",
    corrupt: (core) =>
      core.run(
        Effect.gen(function* () {
          const store = yield* ProjectionStore
          const [entity = ""] = [
            ...new Set(core.index.entries().flatMap((e) => (e.projection === "queues" ? [e.entity] : [])))
          ]
          const seen = yield* store.summary("queues-v2", entity)
          const { version: _, ...next } = seen
          yield* store.summarise("queues-v2", entity, seen, { ...next, columns: { ...next.columns, waiting: 99 } })
        })
      )
  },
  {
    title: "a summary that is missing",
    kind: "summary",
    corrupt: async (core) => {
      const one = found(await rowsIn(core, "queues-v2"), ({ row }) => row === STATE_ROW)
      core.rows.drop(one.projection, one.entity, STATE_ROW)
    }
  },
  {
    title: "a derived register that is gone",
    kind: "derived",
    corrupt: async (core) => {
      const rows = await rowsIn(core, "queues-v2")
      const name = ({ registers }: Placed) => [...registers.keys()].find((one) => one.startsWith("~connection "))
      const one = found(rows, (row) => name(row) !== undefined)
      await forge(core, one, { registers: having(one.registers, name(one) as string, undefined) })
    }
  },
  {
    title: "a derived register that says something else",
    kind: "derived",
    corrupt: async (core) => {
      const rows = await rowsIn(core, "agents-v2")
      const name = ({ registers }: Placed) => [...registers.keys()].find((one) => one.startsWith("~connection "))
      const one = found(rows, (row) => name(row) !== undefined)
      const register = one.registers.get(name(one) as string) as Register
      const value = { endedAt: register.stamp.clock, endedBy: "nobody" }
      await forge(core, one, { registers: having(one.registers, name(one) as string, { ...register, value }) })
    }
  },
  {
    title: "a derived register of a conversation that knows nothing of it",
    kind: "derived",
    corrupt: async (core) => {
      const one = found(await rowsIn(core, "agents-v2"), (row) => isSession(row) && !isClosed(row))
      const [other] = (await rowsIn(core, "conversations-v1")).filter(({ row }) => row !== one.row)
      const register = [...one.registers.values()][0] as Register
      const name = `~connection ${other?.entity}`
      await forge(core, one, { registers: having(one.registers, name, { ...register, value: { alerting: true } }) })
    }
  },
  {
    title: "a derived register of a conversation that nobody heard of",
    kind: "derived",
    corrupt: async (core) => {
      const one = found(await rowsIn(core, "agents-v2"), (row) => isSession(row) && !isClosed(row))
      const register = [...one.registers.values()][0] as Register
      const derived = { ...register, value: { alerting: true } }
      await forge(core, one, { registers: having(one.registers, "~connection nobody", derived) })
    }
  },
  {
    title: "an entry that the index by entity lacks",
    kind: "entryMissing",
    corrupt: (core) => core.run(EntityIndex.use(({ remove }) => remove(core.index.entries().slice(7, 8))) as never)
  },
  {
    title: "an entry of an event that is not stored",
    kind: "entryExtra",
    corrupt: (core) => {
      const [entry] = core.index.entries()
      if (entry === undefined) throw new Error("the index is empty")
      return core.run(EntityIndex.use(({ add }) => add([{ ...entry, eventId: "never-stored" }])) as never)
    }
  },
  {
    title: "a pointer to a generation that is not listed",
    kind: "pointer",
    corrupt: (core) =>
      core.run(Control.use(({ write }) => write(readersKey("agents"), { generation: "agents-v99" }, 0)))
  },
  {
    title: "a pointer to a generation that is retired, and there is no other",
    kind: "pointer",
    stays: true,
    corrupt: (core) => core.run(Control.use(({ write }) => write("retired/agents-v2", { at: 1, by: "nobody" }, 0)))
  }
]
