import { assert, describe, it } from "@effect/vitest"
import { dryCommand } from "./harness.ts"

describe("usage", () => {
  it.each([
    [["quarantine", "show"], /Opening events is recorded: add --why/],
    [["quarantine", "show", "--why", "  "], /Opening events is recorded: add --why/],
    [["quarantine", "redrive"], /Opening events is recorded: add --why/],
    [["parked", "redrive", "--yes"], /Opening events is recorded: add --why/],
    [["quarantine", "redrive", "--yes", "--dry-run", "--why", "x"], /contradict each other: give one of them/],
    [["quarantine", "show", "--raw", "--why", "x"], /give one key, or --json for several/],
    [["quarantine", "list"], /which stack\? give --stack NAME, --outputs FILE or --local DIR/],
    [["quarantine", "list", "--stack", "a", "--local", "b"], /give one of them/],
    [["quarantine", "list", "--stack", "a"], /looked for a stack/],
    [["quarantine", "list", "--outputs", "a"], /looked for a file/],
    [["quarantine", "list", "--local", "a"], /looked for a folder/],
    [["quarantine", "list", "--limit", "0"], /--limit must be a whole number of events, from 1 to 100,000, not "0"/],
    [
      ["quarantine", "redrive", "--rate", "0", "--why", "x"],
      /--rate must be a number of events a second, from 0\.1 to 1,000, not "0"/
    ],
    [
      ["quarantine", "list", "--limit", "many"],
      /^--limit must be a whole number of events, from 1 to 100,000, not "many"$/m
    ],
    [
      ["failed", "list", "--limit", "1.5"],
      /^--limit must be a whole number of batches, from 1 to 100,000, not "1.5"$/m
    ],
    [["replay", "x", "--max-items", "-1"], /^--max-items must be a number of events, 0 or more, not "-1"$/m],
    [["replay", "x", "--rate", "0"], /^--rate must be a number of events a second, 1 or more, not "0"$/m],
    [["replay", "x", "--id", "a b"], /^--id must be 1 to 64 letters, .* not "a b"$/m],
    [["uses", "--since", "soon"], /^--since must be a time such as .* 7d, not "soon"$/m],
    [["uses", "--since"], /^--since needs a value: /m],
    [["replay", "x", "--stop"], /Unrecognized flag: --stop/],
    [["stop", "x"], /^Stopping a replay is recorded: add --why "reason"$/m],
    [["connect"], /^which stack\? give --stack NAME/m],
    [
      ["connect", "--local", "a"],
      /^connecting reads and sets the configuration of a stack: give --stack NAME instead$/m
    ],
    [["disconnect", "--stack", "a", "--yes"], /^Ending the feed of events is recorded: add --why "reason"$/m],
    [
      ["connect", "--stack", "a", "--timeout", "0s"],
      /^--timeout must be a duration such as 90s, 10m or 1h, or a number of seconds, not "0s"$/m
    ],
    [["list", "agent", "--stack", "a"], /looked for a stack/],
    [["list", "wrapupCode", "--stack", "a"], /looked for a stack/],
    [["forget", "queue", "q-1", "--stack", "a"], /looked for a stack/],
    [
      ["list", "desk", "--stack", "a"],
      /^<kind> must be one of agents, queues, wrapupCodes, presences, divisions, teams, not "desk"$/m
    ],
    [["--stack", "a", "quarantine", "list"], /looked for a stack/],
    [["quarantine", "--json", "list", "--local", "a"], /looked for a folder/],
    [["quarantine", "list", "--resaon", "x"], /did you mean --reason\?/],
    [["quarantine", "lits"], /did you mean list\?/]
  ] as const)("%j ends with 1 and one sentence", async (args, expected) => {
    const { code, out, err } = await dryCommand(...args)
    assert.deepStrictEqual([code, out], [1, ""])
    assert.match(err, expected)
    assert.strictEqual(err.trimEnd().split("\n").length, 1)
  })
})
