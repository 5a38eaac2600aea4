import { execFile } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { makeActivity, makeDynamodb, makeRequestHandler } from "aws-in-process"
import { virtualClock } from "aws-in-process/clock"
import { entriesOf, signed } from "./aws.ts"
import { forget } from "./deployed.ts"
import { announcement, price } from "./plan.ts"
import { makePulumi, type Said } from "./pulumi.ts"
import { masked, reportOf } from "./report.ts"

const root = join(import.meta.dirname, "../..")

describe("what is said before anything is made", () => {
  it("is what is made and what that costs, which is less than a dollar", () => {
    const { lines, dollars } = price()
    assert.isAbove(dollars, 0.01)
    assert.isBelow(dollars, 1)
    for (const [what, cost] of lines) assert.isAbove(cost, 0, what)
    const text = announcement("eu-west-1").join("\n")
    for (const part of ["in eu-west-1", "Kinesis stream", "100 events", dollars.toFixed(2)]) assert.include(text, part)
  })

  it("is a refusal where nobody is signed in, or the region is none", async () => {
    const run = (...args: ReadonlyArray<string>) =>
      new Promise<readonly [number, string]>((resolve) => {
        const nobody = {
          PATH: process.env.PATH,
          AWS_EC2_METADATA_DISABLED: "true",
          AWS_CONFIG_FILE: "/none",
          AWS_SHARED_CREDENTIALS_FILE: "/none",
          HOME: "/none"
        }
        execFile(
          process.execPath,
          ["test/account/main.ts", ...args],
          { cwd: root, env: nobody as NodeJS.ProcessEnv },
          (error, out, err) => resolve([Number(error?.code ?? 0), out + err])
        )
      })
    const [code, said] = await run("--yes")
    assert.strictEqual(code, 1)
    assert.match(said, /^there are no AWS credentials \(.+\): sign in, or set AWS_PROFILE\n$/)
    assert.deepStrictEqual(await run("--yes", "--region", "Frankfurt"), [
      1,
      '--region: "Frankfurt" is no region: give one such as eu-central-1.\n'
    ])
  })
})

describe("the report", () => {
  const about = { version: "1.0.0", node: "v24", pulumi: "pulumi v3", region: "eu-central-1", began: "2026-05-06" }
  const steps = [
    { name: "sign in", ok: true, seconds: 2, found: "account 123456789012" },
    { name: "deploy", ok: false, seconds: 40, found: "arn:aws:iam::123456789012:role/x, key AKIAIOSFODNN7EXAMPLE" }
  ]

  it("says what was found, as text and as JSON, and names no account", () => {
    const { json, text } = reportOf(about, { ok: false, steps, isLeft: true })
    assert.match(text, /something failed/)
    assert.match(text, /^FAILED {3}40 s {2}deploy: arn:aws:iam::<account>:role\/x, key <id>$/m)
    assert.match(text, /Resources may be left/)
    const { seconds, isLeft, steps: told } = JSON.parse(json)
    assert.deepStrictEqual([seconds, isLeft, told.length], [42, true, 2])
    for (const form of [json, text]) assert.notMatch(form, /\d{12}|AKIA/)
  })

  it("masks no other number", () => {
    assert.strictEqual(masked("1778061600090 ms, 12345678901"), "1778061600090 ms, 12345678901")
  })
})

describe("calls of services without a client", () => {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "token" }

  it("are signed for their service and region, with the token", async () => {
    const request = await signed({ region: "eu-central-1", credentials }, "events", { "x-amz-target": "T.Op" }, "{}")
    assert.strictEqual(request.headers.host, "events.eu-central-1.amazonaws.com")
    assert.strictEqual(request.headers["x-amz-security-token"], "token")
    assert.match(
      request.headers.authorization ?? "",
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/events\/aws4_request, SignedHeaders=.*host.*x-amz-target, Signature=[0-9a-f]{64}$/
    )
    assert.strictEqual(
      request.headers["x-amz-content-sha256"],
      "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    )
  })

  it("put ten events at a time, each as it was", () => {
    const lines = Array.from({ length: 23 }, (_, i) => JSON.stringify({ "detail-type": "t", detail: { i }, id: "x" }))
    const calls = entriesOf(lines, "bus", "source")
    assert.deepStrictEqual(
      calls.map((call) => call.length),
      [10, 10, 3]
    )
    assert.deepStrictEqual(calls[2]?.[2], {
      EventBusName: "bus",
      Source: "source",
      DetailType: "t",
      Detail: '{"i":22}'
    })
  })
})

describe("the rows of a table", () => {
  it("are all deleted, however many there are", async () => {
    const clock = virtualClock(0)
    const dynamodb = makeDynamodb({ clock, activity: makeActivity(), authorize: () => {} })
    await dynamodb.createTable({
      name: "agents",
      arn: "arn:aws:dynamodb:eu-central-1:000000000000:table/agents",
      hashKey: { name: "agentId", type: "S" },
      rangeKey: { name: "row", type: "S" }
    })
    const principal = { roleArn: "arn:aws:iam::000000000000:role/any", label: "any" }
    for (let i = 0; i < 60; i++)
      await dynamodb.service(
        "PutItem",
        { TableName: "agents", Item: { agentId: { S: `a${i % 7}` }, row: { S: `r${i}` } } },
        principal
      )
    const requestHandler = makeRequestHandler({
      services: { dynamodb: dynamodb.service },
      principal,
      activity: makeActivity()
    })
    const client = new DynamoDBClient({
      region: "eu-central-1",
      credentials: { accessKeyId: "any", secretAccessKey: "any" },
      requestHandler
    })
    await forget(client, "agents", "agentId")
    const { Count } = (await dynamodb.service("Scan", { TableName: "agents" }, principal)) as { readonly Count: number }
    assert.strictEqual(Count, 0)
    await dynamodb.close()
  })
})

describe("the CLI of the check", () => {
  const fine: Said = { code: 0, out: "{}", err: "" }

  it("works on a copy, with a state and a stack of its own, and never without the stack's name", async () => {
    const asked: Array<readonly [string, string, Readonly<Record<string, string>>]> = []
    const pulumi = makePulumi("chk1", "eu-west-1", async (args, cwd, env) => {
      asked.push([args.join(" "), cwd, env])
      if (args[0] === "preview") return { ...fine, out: '{"changeSummary":{"same":130,"update":2,"create":1}}' }
      if (args[1] === "export")
        return {
          ...fine,
          out: '{"deployment":{"resources":[{"type":"pulumi:pulumi:Stack"},{"type":"aws:s3/bucket:Bucket"}]}}'
        }
      return args[1] === "output" ? { ...fine, out: '{"prefix":"p-chk1"}' } : fine
    })
    try {
      assert.deepStrictEqual(await pulumi.up(), { prefix: "p-chk1" })
      assert.strictEqual(await pulumi.changes(), 3)
      await pulumi.destroy()
      assert.strictEqual(await pulumi.left(), 1)
      assert.deepStrictEqual(
        asked.map(([words]) => words.replace(" --non-interactive --color never", "")),
        [
          "stack init chk1",
          "up --yes --skip-preview --stack chk1",
          "stack output --json --stack chk1",
          "preview --json --stack chk1",
          "destroy --yes --skip-preview --stack chk1",
          "stack export --stack chk1"
        ]
      )
      const [, project = "", env = {}] = asked[0] ?? []
      assert.strictEqual(env.PULUMI_BACKEND_URL, `file://${join(pulumi.folder, "state")}`)
      assert.isTrue(project.startsWith(pulumi.folder))
      assert.include(readFileSync(join(project, "Pulumi.yaml"), "utf8"), "main: test/account/program.ts")
      assert.isTrue(existsSync(join(project, "test/account/program.ts")))
      const settings = readFileSync(join(project, "Pulumi.chk1.yaml"), "utf8")
      assert.include(settings, "genesys-cloud-projections:peakEventsPerSecond: 100")
      assert.include(settings, "\n  aws:region: eu-west-1\n")
      for (const part of [project, "pulumi destroy --yes --stack chk1", "PULUMI_BACKEND_URL"])
        assert.include(pulumi.byHand(), part)
    } finally {
      pulumi.remove()
    }
    assert.isFalse(existsSync(pulumi.folder))
  })

  it("says why it failed, by the lines that tell it", async () => {
    const err = "Updating (chk1)\n  error: AccessDenied: not you\nResources:\n    3 created"
    const pulumi = makePulumi("chk1", "eu-west-1", async () => ({ code: 255, out: "", err }))
    try {
      const said = await pulumi.destroy().catch((error: Error) => error.message)
      assert.strictEqual(said, "pulumi destroy ended with 255: error: AccessDenied: not you")
    } finally {
      pulumi.remove()
    }
  })
})
