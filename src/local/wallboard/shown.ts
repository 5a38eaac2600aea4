import type { EngineClock } from "aws-in-process"
import type { ConnectionSettings } from "../../store/connection.ts"
import type { AgentToday } from "../../wallboard/agent-today.ts"
import type { PipelineFigures } from "../../wallboard/board.ts"
import type { StateDocument } from "../../wallboard/document.ts"
import type { Names } from "../../wallboard/names.ts"
import type { Judgement } from "../../wallboard/thresholds.ts"
import type { Today } from "../../wallboard/today.ts"
import type { Snapshot } from "../../wallboard/view/snapshot.ts"
import { ruleBy, type Shown } from "../../wallboard/wallboard.ts"
import type { Captured } from "../capture.ts"
import type { Lags } from "../counters.ts"
import { makeDetails } from "./details.ts"
import { makeDynamoDbProxy } from "./dynamodb-proxy.ts"
import { makeHttpApi } from "./http-api.ts"
import { makeSamples } from "./samples.ts"

/** The stack on this machine, as the wallboard shows it. */
export interface LocalStack {
  readonly captured: Captured
  /** The machine's time, by which the page is told what is new. */
  readonly machine: EngineClock
  readonly operator: ConnectionSettings
  readonly reader: ConnectionSettings
  readonly figures: () => Omit<Snapshot, "agents" | "queues">
  readonly document: () => StateDocument
  readonly names: () => Names
  /** What happened in the queues today; absent where the stack does not fold it. */
  readonly today?: Today
  /** What an agent did today; absent likewise. */
  readonly agentToday?: (agentId: string) => AgentToday
  readonly judgement: Judgement
  readonly lags: Lags
  readonly parked: () => Readonly<Record<string, number>>
  /** Each line that the function of the HTTP API logs. */
  readonly onLog: (line: string) => void
}

const unlessZero = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))

/** What the wallboard shows of the stack on this machine: the tables, and what its engine knows besides. */
export const shownOf = (stack: LocalStack): Shown => {
  const { captured, machine, operator, reader, document, names, today, agentToday, judgement, lags } = stack
  const settleWindowMs = Number(captured.outputs.settleWindowSeconds) * 1_000
  const ruleOf = ruleBy(judgement, names)
  const samples = makeSamples()
  let parked: PipelineFigures["parked"] = unlessZero(stack.parked())
  const api = makeHttpApi({ reader, prefix: String(captured.outputs.prefix), judgement, onLog: stack.onLog })
  let end = async () => {}
  return {
    machine,
    figures: () => {
      const { run, ...pipeline } = stack.figures()
      return {
        run,
        settleWindowMs,
        pipeline: { ...pipeline, parked },
        ...(today === undefined ? {} : { day: { since: today.since(), timeZone: today.timeZone } })
      }
    },
    document,
    names,
    ...(today === undefined ? {} : { today }),
    judgement,
    samples: {
      all: samples.all,
      take: () => {
        // It lists whole buckets.
        parked = unlessZero(stack.parked())
        const { run, counters } = stack.figures()
        const { perSecond, late } = counters
        const all = Object.values(parked).reduce((sum, count) => sum + count, 0)
        return samples.take(run.now, lags, { perSecond, late, parked: all })
      }
    },
    details: (past) => {
      const details = makeDetails(captured, operator, {
        ...past,
        agentToday: (agentId) => agentToday?.(agentId),
        handled: (agentId) => today?.ofAgent(agentId),
        queue: (queueId, rows) =>
          today === undefined
            ? {}
            : {
                quarters: today.quarters(queueId, ruleOf(queueId)),
                compared: today.compared(queueId, ruleOf(queueId), rows)
              }
      })
      end = details.close
      return details.of
    },
    dynamodb: makeDynamoDbProxy(reader),
    api: api.answer,
    close: async () => {
      await Promise.all([end(), api.close()])
    }
  }
}
