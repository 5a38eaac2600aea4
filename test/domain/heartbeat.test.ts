import { assert, describe, it } from "@effect/vitest"
import { heartbeatText, heartbeatTime } from "../../src/domain/heartbeat.ts"

const AT = 1_777_777_777_123
const timeOf = (text: string) => heartbeatTime(Buffer.from(text))

describe("a heartbeat", () => {
  it("tells its time", () => {
    assert.strictEqual(timeOf(heartbeatText(AT)), AT)
  })

  it.each([
    ["with a space", heartbeatText(AT).replace(":", ": ")],
    ["with another field", heartbeatText(AT).replace("}", ',"id":"e-1"}')],
    ["of another length", heartbeatText(AT * 10)],
    ["with a time that is none", heartbeatText(AT).replace("1777", "1.77")],
    ["of another name", heartbeatText(AT).replace("heartbeat", "heartbeaT")],
    ["with a line before it", ` ${heartbeatText(AT).slice(1)}`],
    ["empty", ""]
  ])("is not what merely looks like one: %s", (_, text) => {
    assert.isUndefined(timeOf(text))
  })
})
