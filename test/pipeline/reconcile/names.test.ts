import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { noCounts } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { namesUnit } from "../../../src/pipeline/reconcile/names.ts"
import { place } from "./one-unit.ts"

const kinds = { presences: "presences", wrapupCodes: "wrapUpCodes", divisions: "divisions" } as const

describe("a page of names", () => {
  for (const kind of ["presences", "wrapupCodes", "divisions"] as const)
    it.effect(`of ${kind} is in the directory, those without a name as well, and says which page follows`, () => {
      const page = { asked: 5, items: [{ id: "1", name: "One" }, { id: "2" }] }
      const { layer, directory } = place({
        said: { [kinds[kind]]: (next?: string) => Effect.succeed(next === "2" ? page : { ...page, next: "2" }) }
      })
      return Effect.gen(function* () {
        const counts = { ...noCounts, names: 2 }
        assert.deepStrictEqual(yield* namesUnit(kind, undefined), { counts, next: "2" })
        assert.deepStrictEqual(yield* namesUnit(kind, "2"), { counts })
        assert.deepStrictEqual(directory.held(), [
          { kind, id: "1", at: 5, name: "One" },
          { kind, id: "2", at: 5 }
        ])
      }).pipe(Effect.provide(layer))
    })
})
