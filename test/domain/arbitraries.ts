import { Arbitrary, Schema } from "effect"
import type { Json } from "../../src/domain/json.ts"
import type { Register } from "../../src/domain/row.ts"
import type { Stamp } from "../../src/domain/stamp.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Few clocks, publications and ids, so that ties of every kind are common. */
export const stamp: Arbitrary.Arbitrary<Stamp> = Arbitrary.map(
  Arbitrary.schema(Schema.Struct({ clock: between(0, 3), published: between(0, 2), event: between(0, 4) })),
  ({ clock, published, event }) => ({ clock, published, eventId: `event-${event}` })
)

export const json: Arbitrary.Arbitrary<Json> = Arbitrary.map(
  Arbitrary.schema(
    Schema.Union([Schema.String, Schema.Boolean, Schema.Null, between(-9, 9), Schema.Array(between(0, 3))])
  ),
  (value) => value as Json
)

/** Two updates with the same stamp come from one event and so hold one value: the value is a function of the stamp. */
export const register: Arbitrary.Arbitrary<Register> = Arbitrary.map(stamp, (stamp) => ({
  stamp,
  value: `${stamp.clock}/${stamp.published}/${stamp.eventId}`
}))

export const updates: Arbitrary.Arbitrary<ReadonlyArray<readonly [string, Register]>> = Arbitrary.map(
  Arbitrary.schema(
    Schema.Array(
      Schema.Struct({ name: between(0, 2), clock: between(0, 3), published: between(0, 2), event: between(0, 4) })
    )
  ),
  (list) =>
    list.map(({ name, clock, published, event }) => [
      `register-${name}`,
      {
        stamp: { clock, published, eventId: `event-${event}` },
        value: `${clock}/${published}/${event}`
      }
    ])
)
