import { type IncomingHttpHeaders, request } from "node:http"
import { makeMeter } from "../../../src/local/counters.ts"
import { followNames } from "../../../src/local/names.ts"
import { followState } from "../../../src/local/tables.ts"
import { followAgentsToday, followToday } from "../../../src/local/today.ts"
import { shownOf } from "../../../src/local/wallboard/shown.ts"
import type { Board, Change } from "../../../src/wallboard/board.ts"
import { defaultJudgement } from "../../../src/wallboard/thresholds.ts"
import { openWallboard } from "../../../src/wallboard/wallboard.ts"
import { AGENT, START, statusLine } from "../../support/history.ts"
import { runStack } from "../../support/stack.ts"

const FIGURES = {
  run: { now: START, elapsed: 0, rate: 20, seed: 1, stack: "dev" },
  counters: {
    received: 0,
    appended: 0,
    duplicates: 0,
    conflicts: 0,
    quarantined: 0,
    unrouted: 0,
    late: 0,
    revisions: 0,
    perSecond: 0
  },
  backlog: { stream: 0, settleQueue: 0 }
}

/** A stack on a virtual clock with a wallboard on a free port, on which `AGENT` is idle. Time passes by `run.reach` alone. */
export const startBoard = async () => {
  const wallboard = await openWallboard(0)
  const run = await runStack()
  const { stack, captured, clock } = run
  const document = await followState(captured, stack, (change) => wallboard.note(change, clock.now()))
  const day = { now: () => clock.now(), timeZone: "UTC" }
  const today = await followToday(captured, stack, day)
  const agentToday = await followAgentsToday(captured, stack, day)
  const { names, close: endNames } = followNames(captured, stack, clock)
  const meter = makeMeter()
  run.send(statusLine("first", "IDLE", START))
  await run.settle()
  const shown = shownOf({
    captured,
    machine: clock,
    operator: stack.operator,
    reader: stack.reader,
    document,
    names,
    judgement: defaultJudgement,
    ...(today === undefined ? {} : { today }),
    ...(agentToday === undefined ? {} : { agentToday }),
    lags: meter.lags,
    onLog: meter.read,
    figures: () => ({ ...FIGURES, run: { ...FIGURES.run, now: clock.now(), elapsed: clock.now() - START } }),
    parked: () => ({ "feed-dlq": 2, failures: 0 })
  })
  wallboard.show(shown)
  return {
    run,
    wallboard,
    agent: AGENT,
    close: async () => {
      await wallboard.close()
      await endNames()
      await stack.stop()
    }
  }
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A request as it is on the wire, with any `Host`. */
export const ask = (
  address: string,
  path: string,
  { method = "GET", headers = {}, body = "" }: { method?: string; headers?: Record<string, string>; body?: string } = {}
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const asked = request(`${address}${path}`, { method, headers, agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.on("error", reject)
    })
    asked.on("error", reject)
    asked.end(body)
  })

export type Message =
  | { readonly event: "board"; readonly data: Board }
  | { readonly event: "change"; readonly data: Change }
  | { readonly event: "end" }

/** Listens on `/events` as a browser does. `next` waits for a message; it is undefined when the stream has ended. */
export const listenTo = async (address: string) => {
  const response = await fetch(`${address}/events`)
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  let text = ""
  const next = async (): Promise<Message | undefined> => {
    for (;;) {
      const found = /event: (.+)\ndata: (.+)\n\n/.exec(text)
      if (found !== null) {
        text = text.slice(found.index + found[0].length)
        return { event: found[1], data: JSON.parse(found[2] ?? "") } as Message
      }
      const { value, done } = await reader.read()
      if (done) return undefined
      text += value
    }
  }
  return { response, next, cancel: () => reader.cancel() }
}
