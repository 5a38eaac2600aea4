import { describe, it } from "@effect/vitest"
import { projections } from "../../projections/index.ts"
import { sourcesOf } from "../../src/domain/stages.ts"
import { projectionLaws } from "../../src/testing/index.ts"
import { seeds } from "../support/seeds.ts"

/** Titles of the laws that prove a promise, by the name of the law. */
const promised: Readonly<Record<string, string>> = {
  order: "[P3] [P4] the law of order holds for every projection",
  duplication: "[P3] the law of duplication holds for every projection",
  batching: "[P3] the law of batching holds for every projection",
  replay: "[P8] the law of replay holds for every projection"
}

/** A law is titled `<name>: <sentence>`. */
const titleOf = (title: string): string => {
  const [name = "", sentence = ""] = title.split(/:(.*)/s)
  return `${promised[name] ?? name}:${sentence}`
}

const runs = Math.max(...seeds(6))

for (const projection of projections)
  projectionLaws([projection, ...sourcesOf(projection, projections)], {
    describe,
    it: (title, body) => it(titleOf(title), body),
    runs
  })
