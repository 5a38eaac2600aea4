import { assert, describe, it } from "@effect/vitest"
import { operate } from "../harness.ts"

describe("audit of a stack that does not audit itself", () => {
  it("says what turns it on: of a stack its deployment, and of a folder the next run", async () => {
    const { command } = await operate()
    const says = (where: string) =>
      `the stack does not audit itself: set auditReadUnitsPerSecond${where}; projections verify compares a whole generation now\n`
    for (const [args, where] of [
      [[], ", and deploy it"],
      [["--local", ".data"], " in Pulumi.dev.yaml, and let npm start -- --data .data go on for ten minutes"]
    ] as const)
      for (const repair of [[], ["--repair"]]) {
        const { code, err } = await command("audit", ...repair, ...args)
        assert.deepStrictEqual([code, err], [1, says(where)])
      }
  })
})
