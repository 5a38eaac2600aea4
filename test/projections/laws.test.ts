import { describe, it } from "@effect/vitest"
import { projections } from "../../projections/index.ts"
import { projectionLaws } from "../../src/testing/index.ts"
import { seeds } from "../support/seeds.ts"

/** The promises that a law is part of. */
const promised: Readonly<Record<string, string>> = {
  order: "[P3] [P4] ",
  duplication: "[P3] ",
  batching: "[P3] ",
  replay: "[P8] "
}

const runs = Math.max(...seeds(6))

for (const projection of projections)
  projectionLaws(projection, {
    describe,
    it: (title, body) => it(`${promised[title.split(":")[0] ?? ""] ?? ""}${title}`, body),
    runs
  })
