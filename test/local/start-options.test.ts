import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { makeActivity, makeDynamodb } from "aws-in-process"
import { realClock } from "aws-in-process/clock"
import { Console, Effect } from "effect"
import { main } from "../../src/local/start.ts"

const folder = mkdtempSync(join(tmpdir(), "start-options-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What `npm start -- ...args` ends with and says, without a process of its own. */
const start = (args: ReadonlyArray<string>) =>
  Effect.suspend(() => {
    const said = { stdout: [] as Array<unknown>, stderr: [] as Array<unknown> }
    const console = {
      ...globalThis.console,
      log: (text: unknown) => void said.stdout.push(text),
      error: (text: unknown) => void said.stderr.push(text)
    }
    return main(args).pipe(
      Effect.map((code) => ({ code, stdout: said.stdout.join("\n"), stderr: said.stderr.join("\n") })),
      Effect.provideService(Console.Console, console)
    )
  })

const wrong: ReadonlyArray<readonly [args: string, sentence: string]> = [
  ["--rate 0", "--rate 0: give events per second between 0.1 and 2000"],
  ["--rate x", "--rate x: give events per second between 0.1 and 2000"],
  ["--chaos 2", "--chaos 2: give a number between 0 and 1"],
  ["--lose 1", "--lose 1: give a number between 0 and 0.9"],
  ["--lose -0.1", "--lose -0.1: give a number between 0 and 0.9"],
  ["--lose 0.1 --events -", "--lose is for the simulated contact centre: leave out either that or --events"],
  ["--agents 0", "--agents 0: give a whole number between 1 and 5000"],
  ["--seed -1", "--seed -1: give a whole number between 0 and 2147483647"],
  ["--rate 5 --rate 6", "--rate is given more than once: give it once"],
  ["--events no/such.file", "--events: there is no file no/such.file; name one, or - for standard input"],
  ["--events src", "--events: src is a folder; name a file in it"],
  [
    "--changes src",
    "--changes src: give a projection and a file that exports a function named handler, as in agents=announce.ts"
  ],
  ["--changes agents=no.ts", "--changes: there is no file no.ts; name one"],
  [
    "--thresholds no.json",
    "--thresholds no.json: it cannot be read as JSON (ENOENT: no such file or directory, open 'no.json'); name a file of JSON"
  ],
  [
    "--thresholds tsconfig.json",
    "--thresholds tsconfig.json: compilerOptions is unknown; there are waiting, states, serviceLevel, queues"
  ],
  [
    "--thresholds wall.json --events -",
    "--thresholds is for the simulated contact centre: leave out either that or --events"
  ],
  ["--json", "--json prints the result of a file: give it together with --events FILE"],
  ["--rate 5 --events -", "--rate is for the simulated contact centre: leave out either that or --events"],
  ["--port 70000", "--port 70000: give a whole number between 0 and 65535, where 0 is any that is free"],
  ["--port 0 --no-ui", "--port and --no-ui contradict each other: leave out one of them"],
  ["--port 0 --events -", "--port is for a run that goes on, and a file has an end: leave out either that or --events"],
  ["--no-ui --events -", "--no-ui is for a run that goes on, and a file has an end: leave out either that or --events"],
  ["--time-zone Europe/Bärlin", "--time-zone Europe/Bärlin: give the name of a time zone, such as Europe/Berlin"],
  ["--time-zone UTC --no-ui", "--time-zone is for the wallboard, and --no-ui turns that off: leave out one of them"],
  ["--time-zone UTC --events -", "--time-zone is for the simulated contact centre: leave out either that or --events"],
  ["--jsn", "--jsn is no option: did you mean --json?"],
  ["README.md", "README.md: only options are taken, and --help lists them"]
]

describe("npm start", () => {
  it.effect("--help tells of all options", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* start(["--help"])
      assert.deepStrictEqual([code, stderr], [0, ""])
      for (const name of [
        "rate",
        "agents",
        "queues",
        "duration",
        "seed",
        "chaos",
        "lose",
        "data",
        "events",
        "json",
        "port",
        "thresholds",
        "time-zone",
        "no-ui",
        "help"
      ])
        assert.include(stdout, `--${name}`)
    })
  )

  it.effect.each(wrong)("%s is refused in one sentence that names the option and the way out", ([args, sentence]) =>
    Effect.map(start(args.split(" ")), (run) => assert.deepStrictEqual(run, { code: 1, stdout: "", stderr: sentence }))
  )

  it.effect("a value in several words is refused as a whole", () =>
    Effect.map(start(["--duration", "5 weeks"]), (run) =>
      assert.deepStrictEqual(run, {
        code: 1,
        stdout: "",
        stderr: "--duration 5 weeks: give a time such as 90s, 5m or 1h, or a number of seconds"
      })
    )
  )

  it.effect("a file that is JSON in another form is refused with the way out", () =>
    Effect.gen(function* () {
      const [array, pretty] = [join(folder, "array.json"), join(folder, "pretty.json")]
      writeFileSync(array, JSON.stringify([{ id: "1" }, { id: "2" }], undefined, 2))
      writeFileSync(pretty, JSON.stringify({ id: "1" }, undefined, 2))
      const takes = "--events takes one envelope per line"
      for (const [file, why] of [
        [array, `holds a JSON array, and ${takes}: jq -c '.[]' makes lines of it`],
        [pretty, `holds JSON over several lines, and ${takes}: jq -c . makes lines of it`]
      ] as const)
        assert.deepStrictEqual(yield* start(["--events", file, "--json"]), {
          code: 1,
          stdout: "",
          stderr: `--events: ${file} ${why}`
        })
    })
  )

  it.effect("--help says that a duration without a unit is in seconds", () =>
    Effect.map(start(["--help"]), ({ stdout }) => assert.match(stdout, /--duration .*a number alone is seconds/))
  )

  it.effect("a --data folder that another run has open is refused, and the sentence names it and the way out", () =>
    Effect.gen(function* () {
      const [data, file] = [join(folder, "held"), join(folder, "none.ndjson")]
      mkdirSync(join(data, "tables"), { recursive: true })
      mkdirSync(join(data, "buckets"))
      writeFileSync(file, "")
      const path = join(data, "tables")
      const other = makeDynamodb({ clock: realClock(), activity: makeActivity(), authorize: () => {}, path })
      yield* Effect.promise(() => other.createTable({ name: "rows", arn: "rows", hashKey: { name: "id", type: "S" } }))
      assert.deepStrictEqual(yield* start(["--events", file, "--data", data]), {
        code: 1,
        stdout: "",
        stderr: `--data ${data}: another run or command has this folder open: end that, or name another folder`
      })
      yield* Effect.promise(() => other.close())
    })
  )

  it.effect("a --data folder of other files is refused, and nothing in it is touched", () =>
    Effect.gen(function* () {
      const [data, file] = [join(folder, "foreign"), join(folder, "events.ndjson")]
      mkdirSync(data)
      writeFileSync(join(data, "thesis.txt"), "years of work")
      writeFileSync(file, "")
      assert.deepStrictEqual(yield* start(["--events", file, "--data", data]), {
        code: 1,
        stdout: "",
        stderr: `--data: ${data} holds other files (thesis.txt) and no earlier run: name an empty folder, or one that is not there yet`
      })
      assert.deepStrictEqual(readdirSync(data), ["thesis.txt"])
    })
  )
})
