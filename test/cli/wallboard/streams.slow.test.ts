import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SIMULATED_SOURCE } from "../../../src/local/partner.ts"
import { Reader } from "../../../src/read/index.ts"
import { makeSimulator } from "../../../src/simulator/simulator.ts"
import type { Board } from "../../../src/wallboard/board.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { devStack, runStack } from "../../support/stack.ts"
import { fillDirectory } from "../directory/fill.ts"
import { boardWhen, openWall } from "./wall.ts"

const BEFORE_MS = 900_000

let run: Awaited<ReturnType<typeof runStack>>
let centre: ReturnType<typeof makeSimulator>
let start: number

beforeAll(async () => {
  // The wall runs by the clock of this machine.
  start = Date.now() - BEFORE_MS
  run = await runStack({ start, captured: await devStack({ projectionStreams: true }) })
  centre = makeSimulator({ seed: 7, agents: 12, queues: 3, rate: 6, chaos: 0, start, source: SIMULATED_SOURCE })
  run.feed(Array.from({ length: 400 }, centre.next))
  await run.reach(start + 120_000)
  await run.settle()
  const rows = await run.rows()
  const entries = (["agents", "queues"] as const).flatMap((kind) =>
    [...new Set(rows.filter(({ projection }) => projection === `${kind}-v2`).map(({ entity }) => entity))].map(
      (id) => ({ kind, id, name: id.slice(0, 4), at: start })
    )
  )
  await fillDirectory(run, entries, ["agents", "queues"])
}, UNHURRIED.timeout)
afterAll(() => run?.stack.stop())

const read = <A, E>(call: (reader: Reader["Service"]) => Effect.Effect<A, E>) =>
  Effect.runPromise(
    Reader.use(call).pipe(
      Effect.provide(Reader.layer({ prefix: String(run.captured.outputs.prefix), ...run.stack.reader, remember: 0 }))
    )
  )

/** What a board says of queues and agents, and what a reader is told of them. */
const saidBy = ({ agents, queues }: Board) =>
  JSON.stringify([
    queues.map(({ queueId, waiting, alerting, interacting, wrapup, members, today }) => [
      queueId,
      Object.values(waiting).reduce((sum, n) => sum + n, 0),
      alerting,
      interacting,
      wrapup,
      members,
      today?.offered,
      today?.handled
    ]),
    agents.map(({ agentId, state, since, sessions, wrapup }) => [agentId, state, since, sessions + wrapup])
  ])

const toldBy = async ({ agents, queues }: Board) => {
  const [told, said] = [
    await Promise.all(
      queues.map(async ({ queueId }) => {
        const queue = await read((reader) => reader.queue(queueId))
        const today = await read((reader) => reader.today(queueId, "UTC"))
        const { waiting, alerting, interacting, wrapup, members = 0 } = queue ?? {}
        return [queueId, waiting, alerting, interacting, wrapup, members, today.offered, today.handled]
      })
    ),
    await Promise.all(
      agents.map(async ({ agentId }) => {
        const agent = await read((reader) => reader.agent(agentId))
        return [agentId, agent?.state, agent?.since && Date.parse(agent.since), agent?.sessions.length]
      })
    )
  ]
  return JSON.stringify([told, said])
}

/** Waits until the wall says what a reader is told. */
const agreed = async (address: string) => {
  const now = await boardWhen(address, () => true)
  const told = await toldBy(now)
  const board = await boardWhen(address, (board) => saidBy(board) === told)
  return board
}

describe("the wallboard of a stack with change streams", UNHURRIED, () => {
  it("[P10] follows the streams: what changes is on the wall within seconds, and few units are read", async () => {
    const site = { outputs: run.captured.outputs, reader: run.stack.watcher }
    const wall = await openWall(site, "--time-zone", "UTC")
    assert.match(
      wall.said().out,
      /^\d+ agents and 3 queues, heard from the change streams .+\nabout \d+ read units and \d+ stream requests a minute, \$/
    )
    const first = await agreed(wall.address)
    assert.strictEqual(first.figures.reading?.by, "streams")
    run.feed(Array.from({ length: 500 }, centre.next))
    await run.reach(start + 260_000)
    await run.settle()
    const began = performance.now()
    const then = await agreed(wall.address)
    assert.isBelow(performance.now() - began, 10_000)
    assert.notStrictEqual(saidBy(first), saidBy(then))
    await wall.stop()
    const denied = run.stack.denied().filter(({ roleArn }) => roleArn.endsWith("/watcher"))
    assert.deepStrictEqual(denied, [])
    const spent = Number(/ended: (\d+) read units/.exec(wall.said().err)?.[1])
    // Two readings of all and the day's; polling would read all of it every five seconds.
    assert.isBelow(spent, 150)
  })

  it("opens the streams anew after a failure, and has missed nothing", async () => {
    const site = { outputs: run.captured.outputs, reader: run.stack.watcher }
    const wall = await openWall(site, "--time-zone", "UTC")
    await agreed(wall.address)
    run.stack.outage((action, _, by) => action === "dynamodb:GetRecords" && by.label === "watcher")
    const broken = await boardWhen(wall.address, ({ figures }) => figures.reading?.problem !== undefined)
    assert.match(
      broken.figures.reading?.problem ?? "",
      /^these credentials may not use dynamodb:GetRecords on \S+\/stream\/\S+: attach the policy arn:\S+-changes to/
    )
    run.feed(Array.from({ length: 200 }, centre.next))
    await run.reach(run.clock.now() + 60_000)
    await run.settle()
    run.stack.outage(() => false)
    const again = await boardWhen(wall.address, ({ figures }) => figures.reading?.problem === undefined)
    assert.isDefined(again)
    await agreed(wall.address)
    await wall.stop()
  })

  it("[P10] polls with the rights of the policy for readers alone, and says why", async () => {
    const site = { outputs: run.captured.outputs, reader: run.stack.reader }
    const wall = await openWall(site, "--time-zone", "UTC")
    assert.match(
      wall.said().err,
      /^these credentials may not use dynamodb:DescribeStream on .+-changes to the role or user that you sign in as, to follow the change streams; it polls instead\n/
    )
    assert.match(
      wall.said().out,
      /^\d+ agents and 3 queues, read every 5 s with the rights of the policy for readers\n/
    )
    await agreed(wall.address)
    await wall.stop()
    const polled = await openWall({ ...site, reader: run.stack.watcher }, "--poll")
    assert.match(polled.said().out, /read every 5 s/)
    await polled.stop()
  })
})
