import { Effect, Layer } from "effect"
import type { Event } from "../../../src/genesys/event.ts"
import { Organisation } from "../../../src/genesys-api/organisation.ts"
import { Control } from "../../../src/store/control.ts"
import { Directory } from "../../../src/store/directory.ts"
import { type HandedOver, StreamSink } from "../../../src/store/hand-over.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"
import { memoryDirectory } from "../../../src/store/memory/directory.ts"
import { memoryProjectionStore } from "../../../src/store/memory/projection-store.ts"
import { ProjectionStore } from "../../../src/store/projection-store.ts"
import { heldBy } from "./support.ts"

type Service = Organisation["Service"]

const unasked = (call: string) => () => Effect.die(`nobody expects ${call} to be asked`)

/** What `place` may be made of. `wins`: writes of the control table that somebody else comes before. */
interface Options {
  readonly said?: Partial<Service>
  readonly outcome?: HandedOver
  readonly wins?: number
}

/**
 * What one step of a sweep runs on: as much of the organisation as a test says, and stores in memory that count their calls. `layer` is all of
 * it; the rest looks inside.
 */
export const place = ({ said = {}, outcome = { _tag: "accepted" }, wins = 0 }: Options = {}) => {
  const [control, directory, rows] = [memoryControl(), memoryDirectory(), memoryProjectionStore()]
  const calls: Array<string> = []
  const sent: Array<{ readonly key: string; readonly body: string }> = []
  let others = wins
  const counted = <A, E>(call: string, effect: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      calls.push(call)
      return effect
    })
  const organisation: Service = {
    users: unasked("users"),
    former: () => unasked("former"),
    statuses: unasked("statuses"),
    queues: unasked("queues"),
    members: unasked("members"),
    observations: unasked("observations"),
    presences: unasked("presences"),
    wrapUpCodes: unasked("wrapUpCodes"),
    divisions: unasked("divisions"),
    requests: Effect.succeed(0),
    ...said
  }
  const layer = Layer.mergeAll(
    Layer.succeed(Organisation, organisation),
    Layer.effect(
      Control,
      Effect.map(Control, ({ read, write }) => ({
        read: (key) => counted(`read ${key}`, read(key)),
        write: (key, value, version) =>
          Effect.suspend(() => {
            calls.push(`write ${key}`)
            return others-- > 0 ? Effect.succeed("conflict" as const) : write(key, value, version)
          })
      }))
    ).pipe(Layer.provide(control.layer)),
    Layer.effect(
      Directory,
      Effect.map(Directory, (inner) => ({
        ...inner,
        put: (entries) => counted(`put ${entries.length}`, inner.put(entries)),
        names: (kind, ids) => counted(`names ${ids.join(" ")}`, inner.names(kind, ids)),
        swept: (kind, began) => counted(`swept ${kind} ${began}`, inner.swept(kind, began)),
        left: (kind, ids, at) => counted(`left ${kind} ${ids.join(" ")} ${at}`, inner.left(kind, ids, at))
      }))
    ).pipe(Layer.provide(directory.layer)),
    Layer.effect(
      ProjectionStore,
      Effect.map(ProjectionStore, (inner) => ({
        ...inner,
        load: (keys, consistent) =>
          counted(
            `load ${keys.map(({ entity, row }) => `${entity}/${row}`).join(" ")}${consistent ? " now" : ""}`,
            inner.load(keys, consistent)
          )
      }))
    ).pipe(Layer.provide(rows.layer)),
    Layer.succeed(StreamSink, {
      put: (records) =>
        Effect.sync(() => {
          calls.push(`send ${records.length}`)
          sent.push(...records.map(({ key, data }) => ({ key, body: Buffer.from(data).toString() })))
          return records.map(() => outcome)
        })
    })
  )
  return {
    layer,
    calls,
    /** What was put on the stream. */
    sent,
    /** The same, by what each states. */
    stated: () => sent.map(({ body }) => JSON.parse(body).detail.eventBody),
    control: control.held,
    directory,
    /** Stores the rows of an entity after some events, open but for `closed`. */
    hold: (projection: string, entity: string, events: ReadonlyArray<Event>, closed: ReadonlyArray<string> = []) =>
      Effect.asVoid(
        ProjectionStore.use(({ save }) =>
          save(
            [...heldBy(entity, events).rows].map(([row, registers]) => ({
              ...{ projection, entity, row, registers, columns: {}, asOf: 0, from: undefined },
              counted: row !== "state" && !closed.includes(row)
            }))
          )
        )
      )
  }
}
