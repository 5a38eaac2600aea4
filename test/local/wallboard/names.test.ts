import { assert, describe, it } from "@effect/vitest"
import { fillDirectory } from "../../cli/directory/fill.ts"
import { START } from "../../support/history.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { listenTo, startBoard } from "./parts.ts"

describe("the wallboard", UNHURRIED, () => {
  it("calls agents what the directory does, soon after it does, and is told again when that changes", async () => {
    const { run, wallboard, agent, close } = await startBoard()
    const stream = await listenTo(wallboard.address)
    /** The names of the first message that has any. */
    const told = async () => {
      for (;;) {
        await run.reach(run.clock.now() + 1_000)
        const message = await stream.next()
        if (message === undefined || message.event === "end") return undefined
        const { names } = message.data
        if (names !== undefined && Object.keys(names).length > 0) return names
      }
    }
    try {
      const call = (name: string, at: number) => fillDirectory(run, [{ kind: "agents", id: agent, at, name }])
      await call("Anna </script> Berg", START)
      assert.deepStrictEqual(await told(), { [agent]: "Anna </script> Berg" })
      await call("Anna Holm", START + 1)
      assert.deepStrictEqual(await told(), { [agent]: "Anna Holm" })
      assert.deepStrictEqual(run.stack.denied(), [])
    } finally {
      await stream.cancel()
      await close()
    }
  })
})
