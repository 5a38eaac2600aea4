import type { Authorize, EngineClock, Json, Principal } from "aws-in-process"
import { type Definition, ExecutionFailed, makeStateMachine, refuseUnknown } from "aws-in-process"
import type { HostedFunction } from "./hosting.ts"

/** A state machine as `aws.sfn.StateMachine` says it. */
export interface MachineSettings {
  readonly name: string
  readonly arn: string
  readonly type: string
  readonly roleArn: string
  /** Amazon States Language, as text. */
  readonly definition: string
}

export interface MachineParts {
  readonly clock: EngineClock
  readonly authorize: Authorize
  readonly functions: ReadonlyArray<HostedFunction>
}

/** A state machine that can be started. */
export interface Machine {
  readonly name: string
  readonly arn: string
  /** Runs one execution and returns its output. Rejects with an `ExecutionFailed` where it fails. */
  readonly run: (input: Json) => Promise<Json>
}

/** What AWS asks the role for when a machine is made that logs. */
const LOG_ACTIONS = [
  "CreateLogDelivery",
  "GetLogDelivery",
  "UpdateLogDelivery",
  "DeleteLogDelivery",
  "ListLogDeliveries",
  "PutResourcePolicy",
  "DescribeResourcePolicies",
  "DescribeLogGroups"
]

/** How Step Functions names what Lambda and its functions answer when they fail. */
const errorNames: Readonly<Record<string, string>> = {
  TooManyRequestsException: "Lambda.TooManyRequestsException",
  "Runtime.ExitError": "Lambda.AWSLambdaException"
}

/** Puts a declared state machine beside the functions that it calls. Throws on anything that is not implemented. */
export const makeMachine = (settings: MachineSettings, { clock, authorize, functions }: MachineParts): Machine => {
  const { name, arn, roleArn, definition } = settings
  refuseUnknown(
    `state machine ${name}`,
    settings,
    ["name", "arn", "type", "roleArn", "definition"],
    ["encryptionConfiguration", "loggingConfiguration", "tags"]
  )
  if (settings.type !== "STANDARD") throw new Error(`not implemented by the local engine: ${settings.type} machines`)
  const principal: Principal = { roleArn, label: name }
  for (const action of LOG_ACTIONS) authorize(principal, `logs:${action}`, "*")
  const { run } = makeStateMachine(JSON.parse(definition) as Definition, {
    clock,
    authorize: (action) =>
      authorize(
        principal,
        `states:${action}`,
        action === "StartExecution" ? arn : `${arn.replace(":stateMachine:", ":execution:")}:local`
      ),
    invoke: async (functionArn, payload) => {
      authorize(principal, "lambda:InvokeFunction", functionArn)
      const fn = functions.find((one) => one.arn === functionArn)
      if (fn === undefined) throw new ExecutionFailed("Lambda.ResourceNotFoundException", functionArn)
      const outcome = await fn.host.invoke(payload)
      if (outcome.ok) return outcome.value as Json
      throw new ExecutionFailed(errorNames[outcome.errorType] ?? outcome.errorType, outcome.errorMessage)
    }
  })
  return { name, arn, run }
}
