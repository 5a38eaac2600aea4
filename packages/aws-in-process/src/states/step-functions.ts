import { refuseUnknown } from "../core/settings.ts"
import { type Authorize, type EngineClock, type Principal, type Service, ServiceError } from "../core/types.ts"
import type { Json } from "./data.ts"
import { ExecutionFailed } from "./machine.ts"

/** A state machine that executions can be started of. */
export interface Startable {
  readonly arn: string
  /** Runs one execution and returns its output. Rejects when it fails. */
  readonly run: (input: Json) => Promise<Json>
}

/** As `DescribeExecution` returns it: dates in epoch seconds. */
interface Held {
  readonly executionArn: string
  readonly stateMachineArn: string
  readonly name: string
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED"
  readonly startDate: number
  readonly input: string
  readonly stopDate?: number
  readonly output?: string
  readonly error?: string
  readonly cause?: string
}

export interface StepFunctions {
  /** `StartExecution` and `DescribeExecution`; other operations throw. */
  readonly service: Service
  /** Ends what runs, as far as anybody can see. */
  readonly abort: () => void
}

const MAX_INPUT_BYTES = 262_144
const MAX_NAME = 80
/** No white space, brackets, wildcards, control characters, or any of these. */
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]+$/u

const parse = (input: string): Json => {
  try {
    if (Buffer.byteLength(input) <= MAX_INPUT_BYTES) return JSON.parse(input)
  } catch {}
  throw new ServiceError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${input.slice(0, 100)}'`)
}

const failure = (error: unknown): Pick<Held, "error" | "cause"> => {
  const { name, message } = error as Error
  return { error: error instanceof ExecutionFailed ? error.error : name, cause: message }
}

/** Starts executions of state machines and remembers them as long as the engine lives. */
export const makeStepFunctions = (
  machines: ReadonlyArray<Startable>,
  { clock, authorize }: { readonly clock: EngineClock; readonly authorize: Authorize }
): StepFunctions => {
  const executions = new Map<string, Held>()
  const seconds = () => clock.now() / 1_000
  const end = (arn: string, how: Pick<Held, "status"> & Partial<Held>) => {
    const held = executions.get(arn)
    if (held?.status === "RUNNING") executions.set(arn, { ...held, ...how, stopDate: seconds() })
  }

  const operations: Readonly<Record<string, (input: Readonly<Record<string, string>>, by: Principal) => object>> = {
    StartExecution: (request, principal) => {
      refuseUnknown("StartExecution", request, ["stateMachineArn", "name", "input"])
      const { stateMachineArn = "", name, input = "{}" } = request
      if (name === undefined) throw new Error("not implemented by aws-in-process: StartExecution without a name")
      authorize(principal, "states:StartExecution", stateMachineArn)
      const machine = machines.find(({ arn }) => arn === stateMachineArn)
      if (machine === undefined)
        throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${stateMachineArn}'`)
      if (name.length > MAX_NAME || !NAME.test(name)) throw new ServiceError("InvalidName", `Invalid Name: '${name}'`)
      const data = parse(input)
      const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`
      const held = executions.get(executionArn)
      if (held !== undefined && (held.status !== "RUNNING" || held.input !== input))
        throw new ServiceError("ExecutionAlreadyExists", `Execution Already Exists: '${executionArn}'`)
      if (held !== undefined) return { executionArn, startDate: held.startDate }
      const startDate = seconds()
      executions.set(executionArn, { executionArn, stateMachineArn, name, status: "RUNNING", startDate, input })
      machine.run(data).then(
        (output) => end(executionArn, { status: "SUCCEEDED", output: JSON.stringify(output) }),
        (error: unknown) => end(executionArn, { status: "FAILED", ...failure(error) })
      )
      return { executionArn, startDate }
    },
    DescribeExecution: (request, principal) => {
      refuseUnknown("DescribeExecution", request, ["executionArn"])
      const { executionArn = "" } = request
      authorize(principal, "states:DescribeExecution", executionArn)
      const held = executions.get(executionArn)
      if (held === undefined)
        throw new ServiceError("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`)
      return held
    }
  }

  return {
    service: async (operation, input, principal) => {
      const answer = operations[operation]
      if (answer === undefined) throw new Error(`not implemented by aws-in-process: states ${operation}`)
      return answer(input, principal)
    },
    abort: () => {
      for (const arn of executions.keys())
        end(arn, { status: "ABORTED", cause: "the run on this machine that it was part of has ended" })
    }
  }
}
