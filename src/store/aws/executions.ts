import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn"
import { Context, Effect, Layer } from "effect"
import { type Execution, Executions } from "../executions.ts"
import { client } from "./client.ts"
import { failing, faultNamed } from "./faults.ts"
import { retry } from "./retry.ts"

export class StepFunctions extends Context.Service<StepFunctions, SFNClient>()("projections/StepFunctions") {
  static readonly layer = Layer.effect(
    StepFunctions,
    client((settings) => new SFNClient(settings))
  )
}

const statuses: Readonly<Record<string, Execution["status"]>> = {
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  TIMED_OUT: "timedOut",
  ABORTED: "aborted"
}

/**
 * Executions of the state machine of this ARN on Step Functions. Calls: `StartExecution`, `DescribeExecution`. After a lost answer a start is
 * sent again, which begins nothing twice.
 */
export const executions = (stateMachineArn: string) =>
  Layer.effect(
    Executions,
    Effect.gen(function* () {
      const sfn = yield* StepFunctions
      const executionArn = (name: string) => `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`

      const start = Effect.fn("Executions.start")(
        function* (name: string, input: string) {
          const command = new StartExecutionCommand({ stateMachineArn, name, input })
          return yield* retry("StartExecution", (abortSignal) => sfn.send(command, { abortSignal })).pipe(
            Effect.as("started" as const),
            Effect.catchIf(
              ({ reason }) => reason === "ExecutionAlreadyExists",
              () => Effect.succeed("taken" as const)
            )
          )
        },
        failing("executions", "start")
      )

      const status = Effect.fn("Executions.status")(
        function* (name: string) {
          const command = new DescribeExecutionCommand({ executionArn: executionArn(name) })
          const found = yield* retry("DescribeExecution", (abortSignal) => sfn.send(command, { abortSignal })).pipe(
            Effect.catchIf(
              ({ reason }) => reason === "ExecutionDoesNotExist",
              () => Effect.void
            )
          )
          if (found === undefined) return undefined
          const { status = "", startDate, error, cause } = found
          const known = statuses[status]
          if (known === undefined || startDate === undefined)
            return yield* Effect.fail(faultNamed(`unknown status ${status}`))
          return {
            status: known,
            startedAt: startDate.getTime(),
            ...(error === undefined ? {} : { error }),
            ...(cause === undefined ? {} : { cause })
          } satisfies Execution as Execution
        },
        failing("executions", "status")
      )

      return Executions.of({ start, status })
    })
  )
