import { assert, describe, it } from "@effect/vitest"
import { generation } from "../../../src/domain/projection.ts"
import { readersKey } from "../../../src/domain/readers.ts"
import { generationsInUse } from "../../../src/pipeline/audit/in-use.ts"
import { Control } from "../../../src/store/control.ts"
import { makeCore } from "../../support/core.ts"
import { desks, screens } from "./small.ts"

const next = { ...desks, version: 2 }

/** What is in use where these records of the control table say what they do. */
const used = async (records: Readonly<Record<string, object>>, projections = [next, desks, screens]) => {
  const core = makeCore({ projections })
  for (const [key, value] of Object.entries(records))
    await core.run(Control.use((control) => control.write(key, value as never, 0)))
  const { inUse, links, wrong } = await core.run(generationsInUse)
  return {
    inUse: inUse.map(generation),
    links: links.map(({ source, target }) => `${generation(source)} ${generation(target)}`),
    wrong
  }
}

const retired = { at: 1, by: "robin" }
const pointed = (to: string) => ({ [readersKey("desks")]: { generation: to } })
const wrong = (name: string, to: string) => [{ kind: "pointer" as const, generation: name, names: [to] }]

describe("what readers use", () => {
  it("is the lowest generation of each projection that is listed, or what was promoted", async () => {
    const links = ["desks-v1 screens-v1"]
    assert.deepStrictEqual(await used({}), { inUse: ["desks-v1", "screens-v1"], links, wrong: [] })
    assert.deepStrictEqual(await used(pointed("desks-v2")), { inUse: ["desks-v2", "screens-v1"], links, wrong: [] })
  })

  it("follows from what is fed, whether readers use that or not", async () => {
    const links = ["desks-v2 screens-v1"]
    const all = { "retired/desks-v1": retired, ...pointed("desks-v2") }
    assert.deepStrictEqual(await used(all), { inUse: ["desks-v2", "screens-v1"], links, wrong: [] })
    const older = { ...screens, version: 0 }
    assert.deepStrictEqual((await used({}, [desks, screens, older])).links, ["desks-v1 screens-v0"])
  })

  it("is wrong where it is not listed, and the first that is listed is looked at then", async () => {
    const links = ["desks-v1 screens-v1"]
    const inUse = ["desks-v1", "screens-v1"]
    assert.deepStrictEqual(await used(pointed("desks-v9")), { inUse, links, wrong: wrong("desks", "desks-v9") })
    assert.deepStrictEqual(await used(pointed("screens-v1")), { inUse, links, wrong: wrong("desks", "screens-v1") })
  })

  it("is wrong where it is fed no longer, and is looked at all the same", async () => {
    const links = ["desks-v1 screens-v1"]
    assert.deepStrictEqual(await used({ ...pointed("desks-v2"), "retired/desks-v2": retired }), {
      ...{ inUse: ["desks-v2", "screens-v1"], links, wrong: wrong("desks", "desks-v2") }
    })
    assert.deepStrictEqual(await used({ "retired/screens-v1": retired }), {
      ...{ inUse: ["desks-v1", "screens-v1"], links: [], wrong: wrong("screens", "screens-v1") }
    })
  })
})
