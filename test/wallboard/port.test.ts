import { createServer, type Server } from "node:net"
import { afterEach, assert, describe, it } from "@effect/vitest"
import { listen, PortRefused } from "../../src/wallboard/port.ts"

const open: Array<Server> = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})
const server = () => {
  const made = createServer()
  open.push(made)
  return made
}

describe("the port of the wallboard", () => {
  it("is the one that was named, or any that is free for 0", async () => {
    const free = await listen(server(), 0)
    assert.isAbove(free, 0)
    open.pop()?.close()
    assert.strictEqual(await listen(server(), free), free)
  })

  it("named and taken, is an error that says so", async () => {
    const taken = await listen(server(), 0)
    const error = await listen(server(), taken).catch((error: unknown) => error)
    assert.instanceOf(error, PortRefused)
    assert.strictEqual(
      (error as Error).message,
      `--port ${taken} is taken by another program: name another, 0 for any that is free, or leave it out`
    )
  })

  it("not named, is the next that is free", async () => {
    const taken = await listen(server(), 0)
    const next = await listen(server(), undefined, taken)
    assert.isAbove(next, taken)
    assert.isBelow(next, taken + 20)
  })
})
