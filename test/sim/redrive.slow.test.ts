import { assert, describe, it } from "@effect/vitest"
import type { Captured } from "../../src/local/capture.ts"
import { modelOf } from "../support/core.ts"
import { historyOf, START, statusLine } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, grantsOf, runStack, without } from "../support/stack.ts"

const MINUTE = 60_000

type Run = Awaited<ReturnType<typeof runStack>>

const dlqOf = (run: Run, name: "rule" | "settle") => run.stack.sqs.queue(String(run.captured.outputs[`${name}DlqUrl`]))
const waitingIn = (run: Run, name: "rule" | "settle") =>
  Object.values(dlqOf(run, name).counts()).reduce((sum, count) => sum + count, 0)
const notices = (run: Run) => run.stack.sns.published(String(run.captured.outputs.noticesTopicArn))
const reports = (run: Run) =>
  run.lines.map((line) => JSON.parse(line)).filter(({ message }) => message === "redrive") as ReadonlyArray<{
    readonly breakerOpen: number
    readonly breakers: Readonly<Record<string, string>>
    readonly received: number
    readonly redriven: number
    readonly parked: number
  }>
const parked = (run: Run) => run.quarantined().filter(({ key }) => key.startsWith("parked/"))
const isStream = (action: string) => action.startsWith("kinesis:PutRecord")

describe("redrive on the whole stack", () => {
  it(
    "[P2] [P7] brings back what the rule gave up while the stream was out, and the books balance",
    UNHURRIED,
    async () => {
      const run = await runStack()
      const history = historyOf(300)
      const last = Math.max(...history.map(({ at }) => at))
      const half = Math.floor(history.length / 2)
      run.feed(history.slice(0, half))
      run.clock.at(START, () => run.stack.outage(isStream))
      await run.reach(last + MINUTE)
      assert.strictEqual(waitingIn(run, "rule"), half)
      assert.strictEqual(run.counters.appended, 0)

      // An hour in the dark: the breaker opens, and few are tried.
      await run.reach(last + 60 * MINUTE)
      assert.strictEqual(waitingIn(run, "rule"), half)
      const dark = reports(run)
      assert.strictEqual(dark.at(-1)?.breakerOpen, 1)
      assert.isAbove(dark.filter(({ breakers }) => breakers.stream === "open").length, 40)
      assert.strictEqual(
        dark.reduce((sum, report) => sum + report.redriven, 0),
        0
      )
      assert.lengthOf(parked(run), 0)

      run.stack.outage(() => false)
      for (const { line } of history.slice(half)) run.send(line)
      const healed = run.clock.now()
      await run.settle()
      assert.isBelow(run.clock.now() - healed, 15 * MINUTE)
      assert.strictEqual(waitingIn(run, "rule"), 0)
      const { received, appended, duplicates, conflicts, quarantined, redriven } = run.counters
      assert.strictEqual(received, history.length)
      assert.strictEqual(appended + duplicates + conflicts + quarantined, received)
      assert.strictEqual(redriven, half)
      assert.strictEqual((await run.events()).size, appended)
      assert.deepStrictEqual(await run.dump(), modelOf(await run.events()))
      assert.lengthOf(notices(run), 0)
      await run.stack.stop()
    }
  )

  it("[P2] brings back what project gave up while its tables were out", UNHURRIED, async () => {
    const run = await runStack()
    const isAgents = (_: string, resource: string) => resource.includes("table/") && resource.includes("agents-v2")
    run.stack.outage(isAgents)
    run.feed(historyOf(200))
    await run.reach(START + 60 * MINUTE)
    const late = reports(run)
    assert.isAbove(run.counters.appended, 0)
    assert.isTrue(
      late.some(({ received }) => received > 0),
      "project gave messages up, and they were brought back"
    )
    run.stack.outage(() => false)
    await run.settle()
    assert.isAbove(run.counters.redriven, 0)
    assert.strictEqual(waitingIn(run, "settle"), 0)
    assert.lengthOf(parked(run), 0)
    assert.deepStrictEqual(await run.dump(), modelOf(await run.events()))
    await run.stack.stop()
  })

  it(
    "[P2] [P7] parks what project never takes after so many times, with a reason, and tells people once",
    UNHURRIED,
    async () => {
      const captured = await devStack({ redriveMaxAttempts: 2, settleMaxReceives: 1 })
      const run = await runStack({ captured })
      run.stack.outage((action, resource) => action === "dynamodb:PartiQLInsert" && resource.includes("agents-v2"))
      run.send(statusLine("e-1", "IDLE", START))
      await run.settle()
      assert.deepStrictEqual(
        parked(run).map(({ key, metadata }) => [key.split("/")[1], metadata.reason, metadata.attempts]),
        [["settle", "TooManyAttempts", "2"]]
      )
      assert.deepStrictEqual(
        notices(run).map(({ subject }) => subject),
        ["genesys-cloud-projections-dev: 1 message was parked"]
      )
      assert.include(notices(run)[0]?.message, "- 1 from the settle queue's dead letters: TooManyAttempts")
      assert.strictEqual(run.counters.redriven, 2)
      assert.strictEqual(run.counters.parked, 1)
      await run.reach(run.clock.now() + 10 * MINUTE)
      assert.lengthOf(notices(run), 1)
      await run.stack.stop()
    }
  )

  it("[P7] parks junk from the dead letters while good events go back", UNHURRIED, async () => {
    const run = await runStack()
    const good = statusLine("e-1", "IDLE", START)
    for (const body of ["junk", good, "{}", '{"id":1}']) dlqOf(run, "rule").send({ body, senderId: "somebody" })
    await run.settle()
    assert.sameMembers(
      parked(run).map(({ raw, metadata }) => `${metadata.reason} ${Buffer.from(raw)}`),
      ["NotAnEvent junk", "NotAnEvent {}", 'NotAnEvent {"id":1}']
    )
    assert.deepStrictEqual([...(await run.events()).keys()], ["e-1"])
    assert.strictEqual(run.counters.parked, 3)
    assert.lengthOf(notices(run), 1)
    await run.stack.stop()
  })

  it("[P2] says so when nobody may tick it, in dead letters of its own", UNHURRIED, async () => {
    const captured = await devStack()
    const mute = {
      ...captured,
      resources: captured.resources.filter(({ type }) => type !== "aws:lambda/permission:Permission")
    }
    const run = await runStack({ captured: mute })
    await run.reach(START + 3 * MINUTE)
    assert.strictEqual(reports(run).length, 0)
    const ticks = run.stack.sqs.queue(String(captured.outputs.redriveDlqUrl)).receive(10)
    assert.lengthOf(ticks, 3)
    assert.strictEqual(ticks[0]?.message.attributes.ERROR_CODE?.StringValue, "NO_PERMISSIONS")
    await run.stack.stop()
  })
})

/** Something for everything that redrive can do: an event, junk, and a settle message that came back, all given up. */
const attempt = async (stack: Captured) => {
  const run = await runStack({ captured: stack })
  run.stack.outage(isStream)
  run.send(statusLine("e-1", "IDLE", START))
  dlqOf(run, "rule").send({ body: "junk", senderId: "somebody" })
  dlqOf(run, "settle").send({ body: "junk", senderId: "somebody" })
  await run.reach(START + 4 * MINUTE)
  run.stack.outage((_, resource) => resource.includes("agents-v2"))
  await run.reach(START + 20 * MINUTE)
  run.stack.outage(() => false)
  await run.reach(START + 30 * MINUTE)
  await run.stack.stop()
  const ofRedrive = ({ roleArn }: { readonly roleArn: string }) => roleArn.endsWith("-redrive-role")
  return {
    denied: run.stack.denied().filter(ofRedrive),
    unused: run.stack.unused().filter(ofRedrive),
    waiting: waitingIn(run, "rule") + waitingIn(run, "settle")
  }
}

describe("the role of redrive", () => {
  const captured = devStack({ settleMaxReceives: 1 })
  const isLog = (action: string) => action.startsWith("logs:")

  it("[P10] is enough, and holds nothing that is never used", UNHURRIED, async () => {
    assert.deepStrictEqual(await attempt(await captured), { denied: [], unused: [], waiting: 0 })
  })

  it("[P10] can do without none of its rights", UNHURRIED, async () => {
    const own = grantsOf(await captured).filter(({ policy, action }) => policy === "redrive-policy" && !isLog(action))
    assert.isAbove(own.length, 8)
    for (const grant of own) {
      const { denied } = await attempt(
        without(
          await captured,
          ({ policy, action, resource }) =>
            policy === grant.policy && action === grant.action && resource === grant.resource
        )
      )
      assert.isTrue(
        denied.some(({ action }) => action === grant.action),
        `${grant.action} on ${grant.resource}`
      )
    }
  })
})
