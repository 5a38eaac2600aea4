import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { capture } from "../../../src/local/capture.ts"
import { SIMULATED_SOURCE } from "../../../src/local/partner.ts"
import { Reader } from "../../../src/read/index.ts"
import { makeSimulator } from "../../../src/simulator/simulator.ts"
import { ask, listenTo } from "../../local/wallboard/parts.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { runStack } from "../../support/stack.ts"
import { fillDirectory } from "../directory/fill.ts"
import { boardWhen, openWall, type Site } from "./wall.ts"

/** The events of some minutes, which have settled a while before now: what goes on is the same for whoever asks. */
const BEFORE_MS = 600_000
const EVENTS = 900

let run: Awaited<ReturnType<typeof runStack>>
let site: Site
let wall: Awaited<ReturnType<typeof openWall>>

beforeAll(async () => {
  // The wall runs by the clock of this machine.
  const start = Date.now() - BEFORE_MS
  run = await runStack({
    start,
    captured: await capture("dev", { genesysEventSource: SIMULATED_SOURCE, agentIntervals: true })
  })
  const { captured, stack } = run
  const centre = makeSimulator({ seed: 5, agents: 14, queues: 4, rate: 8, chaos: 0, start, source: SIMULATED_SOURCE })
  run.feed(Array.from({ length: EVENTS }, centre.next))
  await run.reach(start + 180_000)
  await run.settle()
  const rows = await run.rows()
  const idsOf = (projection: string) => [
    ...new Set(rows.filter((row) => row.projection === projection).map(({ entity }) => entity))
  ]
  const entries = (["agents", "queues"] as const).flatMap((kind) =>
    idsOf(`${kind}-v2`).map((id) => ({ kind, id, name: `${kind} ${id.slice(0, 4)}`, at: start }))
  )
  await fillDirectory(
    run,
    [...entries, { kind: "agents", id: "a-user-without-events", name: "Ann", at: start }],
    ["agents", "queues"]
  )
  site = { outputs: captured.outputs, reader: stack.reader }
  wall = await openWall(site, "--every", "1", "--time-zone", "UTC")
}, UNHURRIED.timeout)
afterAll(async () => {
  await wall?.stop()
  await run?.stack.stop()
})

const read = <A, E>(call: (reader: Reader["Service"]) => Effect.Effect<A, E>) =>
  Effect.runPromise(
    Reader.use(call).pipe(
      Effect.provide(Reader.layer({ prefix: String(run.captured.outputs.prefix), ...run.stack.reader }))
    )
  )

const hasDay = (board: Parameters<Parameters<typeof boardWhen>[1]>[0]) =>
  board.queues.some(({ today }) => (today?.offered ?? 0) > 0)

describe("the wallboard of a deployed stack", UNHURRIED, () => {
  it("[P10] shows the agents and queues that a reader is told of, with the rights of the policy for readers alone", async () => {
    const { agents, queues, names, members } = await boardWhen(wall.address, hasDay)
    const listed = await read((reader) => reader.list("queues"))
    assert.deepStrictEqual(
      queues.map(({ queueId }) => queueId),
      listed.entries.map(({ id }) => id).sort()
    )
    assert.isAtLeast(
      queues.reduce((sum, { interacting }) => sum + interacting, 0),
      1
    )
    for (const card of queues) {
      const queue = await read((reader) => reader.queue(card.queueId))
      const { today, states: _, ...line } = card
      assert.deepStrictEqual(line, {
        queueId: card.queueId,
        members: queue?.members ?? 0,
        waiting: queue?.waitingByMedia ?? {},
        alerting: queue?.alerting ?? 0,
        interacting: queue?.interacting ?? 0,
        wrapup: queue?.wrapup ?? 0,
        ...(queue?.oldestWaitingSince && { oldestWaitingSince: Date.parse(queue.oldestWaitingSince) })
      })
      assert.lengthOf(members[card.queueId] ?? [], card.members)
      const report = await read((reader) => reader.today(card.queueId, "UTC"))
      for (const name of ["offered", "answered", "abandoned", "handled", "serviceLevel", "talkMs"] as const)
        assert.strictEqual(today?.[name], report[name], name)
    }
    const listedAgents = await read((reader) => reader.list("agents", { limit: 500 }))
    const shown = new Map(agents.map((agent) => [agent.agentId, agent]))
    for (const { id, name } of listedAgents.entries) {
      const agent = await read((reader) => reader.agent(id))
      const card = shown.get(id)
      if (agent === undefined) {
        assert.strictEqual(name, "Ann")
        assert.isUndefined(card)
        continue
      }
      assert.deepStrictEqual(
        [card?.state, card?.since, card?.presence, card?.routingStatus, names[id]],
        [agent.state, agent.since && Date.parse(agent.since), agent.presence, agent.routingStatus, name]
      )
      const ofQueues = agent.sessions.filter(({ queueId }) => queueId !== undefined)
      const workOf = (work: ReadonlyArray<object>) => work.map((one) => JSON.stringify(one)).sort()
      assert.deepStrictEqual(
        workOf(card?.work ?? []),
        workOf(
          ofQueues.map(({ phase, mediaType, queueId, since }) => ({
            phase,
            medium: mediaType,
            queueId,
            ...(since && { since: Date.parse(since) })
          }))
        )
      )
    }
    assert.deepStrictEqual(run.stack.denied(), [])
  })

  it("says what it cannot show, reads nothing of the pipeline, and how it reads", async () => {
    const { figures, samples } = await boardWhen(wall.address, ({ figures }) => figures.reading !== undefined)
    assert.deepStrictEqual([figures.pipeline, samples], [undefined, []])
    assert.deepInclude(figures.reading, { by: "polling", everySeconds: 1 })
    assert.match(figures.reading?.without ?? "", /^Not shown, .+ event rate/)
    assert.strictEqual(figures.run.stack, "test")
    assert.isUndefined(figures.reading?.problem)
  })

  it("opens an agent and a queue without the events behind their fields", async () => {
    const { agents, queues } = await boardWhen(wall.address, hasDay)
    const agent = await ask(wall.address, `/details/agents/${agents[0]?.agentId}`)
    const known = JSON.parse(agent.text)
    assert.deepStrictEqual([agent.status, known.isEventless], [200, true])
    const fields = known.rows[0].fields as ReadonlyArray<{ readonly column: string; readonly value: unknown }>
    assert.deepInclude(
      fields.find(({ column }) => column === "state"),
      { value: agents[0]?.state }
    )
    const queue = JSON.parse((await ask(wall.address, `/details/queues/${queues[0]?.queueId}`)).text)
    assert.isAbove(queue.quarters.length, 0)
    assert.strictEqual((await ask(wall.address, "/details/agents/nobody")).status, 404)
    assert.deepStrictEqual(run.stack.denied(), [])
  })

  it("shows the day of an agent from midnight on, as the reader counts it, with the rights of a reader alone", async () => {
    const { agents, figures } = await boardWhen(wall.address, hasDay)
    assert.strictEqual(figures.day?.timeZone, "UTC")
    let handled = 0
    for (const { agentId } of agents) {
      const { day, today } = JSON.parse((await ask(wall.address, `/details/agents/${agentId}`)).text)
      const report = await read((reader) => reader.agentToday(agentId, "UTC"))
      const begins = report.spans.filter(({ state }, i) => report.spans[i - 1]?.state !== state)
      assert.strictEqual(day.since, Date.parse(report.from))
      assert.deepStrictEqual(
        day.states,
        begins.map(({ from, state }) => ({ at: Date.parse(from), state }))
      )
      const { handled: own, notAnswered, transferred, talkMs, heldMs } = report
      assert.deepInclude(today, { handled: own, notAnswered, transferred, talkMs, heldMs })
      handled += own
    }
    assert.isAbove(handled, 3)
    assert.match(wall.said().out, /; up to \d+ more while an agent is open; /)
    assert.deepStrictEqual(run.stack.denied(), [])
  })

  it("is for this machine's own pages alone, and only to be read", async () => {
    assert.match(wall.address, /^http:\/\/127\.0\.0\.1:/)
    assert.strictEqual((await ask(wall.address, "/", { headers: { host: "evil.example" } })).status, 403)
    assert.strictEqual((await ask(wall.address, "/events", { headers: { origin: "http://evil.example" } })).status, 403)
    const target = { "x-amz-target": "DynamoDB_20120810.GetItem" }
    const call = await ask(wall.address, "/", { method: "POST", headers: target, body: "{}" })
    assert.deepStrictEqual([call.status, call.headers.allow], [405, "GET, HEAD"])
    const page = await ask(wall.address, "/")
    assert.match(String(page.headers["content-security-policy"]), /^default-src 'none'; script-src 'self';/)
  })

  it("serves a hundred pages and one that does not listen, and says goodbye to all at Ctrl-C", async () => {
    const own = await openWall(site, "--every", "1")
    const deaf = await fetch(`${own.address}/events`)
    const pages = await Promise.all(Array.from({ length: 99 }, () => listenTo(own.address)))
    const refused = await ask(own.address, "/events")
    assert.deepStrictEqual([refused.status, refused.headers["retry-after"]], [503, "10"])
    for (const page of pages) assert.strictEqual((await page.next())?.event, "board")
    for (const page of pages) assert.strictEqual((await page.next())?.event, "change")
    await own.stop()
    const last = await Promise.all(
      pages.map(async (page) => {
        for (;;) {
          const message = await page.next()
          if (message?.event !== "change") return message?.event
        }
      })
    )
    assert.deepStrictEqual([...new Set(last)], ["end"])
    assert.strictEqual(deaf.status, 200)
    await deaf.body?.cancel().catch(() => {})
    assert.match(own.said().err, /^ended: \d+ read units in 1 min\n$/)
    const gone = await ask(own.address, "/").catch(({ code }: NodeJS.ErrnoException) => code)
    assert.strictEqual(gone, "ECONNREFUSED")
  })

  it("says so while the stack cannot be read, keeps what it has, and goes on afterwards", async () => {
    run.stack.outage((action, _, by) => action === "dynamodb:Query" && by.label === "reader")
    const broken = await boardWhen(wall.address, ({ figures }) => figures.reading?.problem !== undefined)
    assert.match(
      broken.figures.reading?.problem ?? "",
      /^these credentials may not use dynamodb:Query on \S+-queues-v2: attach the policy arn:\S+-readers to/
    )
    assert.isAbove(broken.agents.length, 5)
    run.stack.outage(() => false)
    const again = await boardWhen(wall.address, ({ figures }) => figures.reading?.problem === undefined)
    assert.isAbove(again.figures.reading?.readAt ?? 0, broken.figures.reading?.readAt ?? 0)
    assert.match(wall.said().err, /it is tried again\nthe stack is read again\n$/)
  })
})
