import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { RESERVED_COLUMNS } from "../../src/store/projection-store.ts"
import { root } from "./pages.ts"
import { generated, reserved, sectionOf } from "./tables-page.ts"

const PATH = join(root, "docs/tables.md")
const GENERATED = await generated()

describe("docs/tables.md", () => {
  it("lists every table, row, column and attribute as the code has them", async () => {
    const written = readFileSync(PATH, "utf8")
    const made = written.replace(/(<!-- generated [^\n]* -->\n).*(<!-- end -->)/s, (_, start: string, end: string) =>
      `${start}\n`.concat("@@\n\n", end)
    )
    assert.include(made, "@@")
    await expect(made.replace("@@", () => GENERATED)).toMatchFileSnapshot(PATH)
  })

  it("explains each attribute that no projection may use as a column", () => {
    assert.sameMembers(Object.keys(reserved), [...RESERVED_COLUMNS])
  })

  it("lists the table of a projection that nobody has described, with its key and topics", () => {
    const section = sectionOf({ name: "teams", version: 3, key: "teamId", topics: ["v2.teams.{id}"] }, [])
    for (const said of ["`teams`", "<prefix>-teams-v3", "`teamId`", "no index", "`v2.teams.{id}`", "not described"])
      assert.include(section, said)
    assert.include(sectionOf(agents, []), "`v2.users.{id}.presence`")
  })
})
