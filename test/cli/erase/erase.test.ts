import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { asEraser } from "../../../src/cli/erase/role.ts"
import { Screen } from "../../../src/cli/screen.ts"
import type { StackTarget } from "../../../src/cli/stack/stack.ts"
import { devStack } from "../../support/stack.ts"
import { dryCommand, operate } from "../harness.ts"
import { someOutputs } from "../outputs.ts"

const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const ROLE = "arn:aws:iam::444455556666:role/eraser"

describe("projections erase", () => {
  it.each([
    [[], /who is to be erased\? give --agent ID, --conversation ID, --external-contact ID or --address/],
    [["--agent", ID, "--conversation", ID], /one request is about one id or address/],
    [["--agent", "robin"], /--agent must be an id of Genesys Cloud/],
    [["--agent", ID, "--yes"], /Erasing a person is recorded: add --why "reason"/],
    [["--agent", ID, "--yes", "--dry-run", "--why", "x"], /--yes and --dry-run contradict each other/],
    [["--agent", ID, "--yes", "--search", "--why", "x"], /--search writes nothing/],
    [["--external-contact", ID, "--index"], /--index knows agents and conversations alone/],
    [["--agent", ID, "--request", "Robin Vogt"], /--request must be 3 to 40 small letters, digits and dashes/]
  ] as const)("%j ends with 1 and one sentence", async (args, expected) => {
    const { code, out, err } = await dryCommand("erase", ...args)
    assert.deepStrictEqual([code, out], [1, ""])
    assert.match(err, expected)
  })
})

const target = (eraserRoleArn: string): StackTarget => ({
  name: "stack prod",
  outputs: { ...someOutputs, eraserRoleArn } as unknown as StackTarget["outputs"],
  connection: { region: "eu-west-1" },
  who: { user: "robin", host: "desk" }
})

/** STS as a stub of its protocol: what it was asked, and credentials, or a refusal. */
const sts = (status = 200) => {
  const asked: Array<URLSearchParams> = []
  const found =
    "<AccessKeyId>ASIAFOUND</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>"
  const xml =
    status === 200
      ? `<AssumeRoleResponse><AssumeRoleResult><Credentials>${found}</Credentials></AssumeRoleResult></AssumeRoleResponse>`
      : "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
  const handle = async ({ body }: { readonly body: string }) => {
    asked.push(new URLSearchParams(body))
    return { response: { statusCode: status, headers: { "content-type": "text/xml" }, body: Buffer.from(xml) } }
  }
  const credentials = { accessKeyId: "AKIAOWN", secretAccessKey: "own" }
  return { asked, through: { region: "eu-west-1", credentials, requestHandler: { handle } } }
}

const silent = Layer.succeed(Screen, {
  print: () => {},
  write: () => {},
  note: () => {},
  redraw: () => {},
  outputIsTerminal: false,
  errorIsTerminal: false
})

describe("projections erase on a stack whose archive has a copy in another account", () => {
  const copy = "arn:aws:s3:::archive-of-events"

  it("names the copy as a store that it cannot reach, before and after, in a line and in --json", async () => {
    const captured = await devStack({
      eventRetentionDays: 30,
      archiveCopyBucketArn: copy,
      archiveCopyAccount: "444455556666"
    })
    const desk = await operate({ captured })
    const asked = ["erase", "--agent", ID] as const
    const plan = await desk.command(...asked)
    assert.match(plan.err, new RegExp(`${copy} has a copy of the archive in another account`))
    const done = await desk.command(...asked, "--yes", "--why", "request 17", "--json")
    assert.deepStrictEqual(
      JSON.parse(done.out).unreached.map(({ store }: { readonly store: string }) => store),
      [copy]
    )
    assert.include(done.err, copy)
    await desk.stack.stop()
  })

  it("has nothing to name without one", async () => {
    const desk = await operate({ captured: await devStack({ eventRetentionDays: 30 }) })
    assert.deepStrictEqual(JSON.parse((await desk.command("erase", "--agent", ID, "--json")).out).unreached, [])
    await desk.stack.stop()
  })
})

describe("projections erase without --yes", () => {
  it("says how to erase, and of a search whether the use log has its reason", async () => {
    const desk = await operate()
    const said = async (...args: ReadonlyArray<string>) => {
      const { code, err } = await desk.command("erase", "--agent", ID, ...args)
      assert.strictEqual(code, 0)
      return err.trimEnd().split("\n")
    }
    const dry = "this was a dry run: nothing was erased; give --yes and --why to erase"
    assert.strictEqual((await said()).at(-1), dry)
    const search = "this was a search: nothing was erased; give --yes and --why in place of --search to erase"
    const unexplained = "the use log has no reason for this search: give --why with it to leave one"
    assert.deepStrictEqual((await said("--search")).slice(-2), [unexplained, search])
    const reasoned = await said("--search", "--why", "request 17")
    assert.strictEqual(reasoned.at(-1), search)
    assert.notInclude(reasoned, unexplained)
    assert.match((await desk.command("uses")).out, /erase.*searched.*request 17/)
    await desk.stack.stop()
  })
})

describe("the role of the eraser", () => {
  const take = (stack: StackTarget, through?: ReturnType<typeof sts>["through"]) =>
    Effect.runPromise(Effect.result(asEraser(stack, "r-17", through)).pipe(Effect.provide(silent)))

  it("[P10] is taken for the stack alone, under the number of the request", async () => {
    const { asked, through } = sts()
    const taken = await take(target(ROLE), through)
    assert.strictEqual(taken._tag, "Success")
    const { connection } = (taken as { readonly success: StackTarget }).success
    assert.strictEqual(typeof connection.credentials, "function")
    const { accessKeyId, sessionToken } = await (
      connection.credentials as () => Promise<{ accessKeyId: string; sessionToken: string }>
    )()
    assert.deepStrictEqual([accessKeyId, sessionToken], ["ASIAFOUND", "token"])
    for (const one of asked)
      assert.deepStrictEqual(
        [one.get("Action"), one.get("RoleArn"), one.get("RoleSessionName")],
        ["AssumeRole", ROLE, "erase-r-17"]
      )
  })

  it.each([
    ["", 200, /has no role that may erase: set erasers/],
    [ROLE, 403, /cannot be taken \(AccessDenied\): sign in as one of the erasers/]
  ] as const)("ends with a sentence where it is %j and STS says %i", async (role, status, expected) => {
    const taken = await take(target(role), sts(status).through)
    assert.match(String((taken as { readonly failure?: Error }).failure?.message), expected)
  })
})
