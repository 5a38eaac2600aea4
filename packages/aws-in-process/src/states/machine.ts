import { type EngineClock, ServiceError } from "../core/types.ts"
import { isPresent, type Json, type Path, readPath, select, withResult } from "./data.ts"

/** A definition in Amazon States Language: of the states that exist there those that our stack uses, with the fields that it uses. */
export interface Definition {
  readonly Comment?: string
  readonly StartAt: string
  readonly States: Readonly<Record<string, State>>
}

interface Choice {
  readonly Variable: Path
  readonly IsPresent?: boolean
  readonly BooleanEquals?: boolean
  readonly Next: string
}

interface Retrier {
  readonly ErrorEquals: ReadonlyArray<string>
  readonly IntervalSeconds: number
  readonly BackoffRate: number
  readonly MaxDelaySeconds: number
  readonly MaxAttempts: number
  readonly JitterStrategy: "FULL"
}

interface Following {
  readonly ResultPath?: Path
  readonly Next?: string
  readonly End?: boolean
}

type State =
  | ({
      readonly Type: "Task"
      readonly Resource: string
      readonly Parameters: { readonly FunctionName: string; readonly Payload: Json }
      readonly ResultSelector: Json
      readonly TimeoutSeconds: number
      readonly Retry: ReadonlyArray<Retrier>
    } & Following)
  | ({
      readonly Type: "Map"
      readonly Label: string
      readonly ItemsPath: Path
      readonly ItemSelector: Json
      readonly MaxConcurrency: number
      readonly ToleratedFailurePercentage: 0
      readonly ItemProcessor: Definition & { readonly ProcessorConfig: Readonly<Record<string, string>> }
    } & Following)
  | { readonly Type: "Choice"; readonly Choices: ReadonlyArray<Choice>; readonly Default: string }
  | { readonly Type: "Wait"; readonly Seconds: number; readonly Next: string }
  | { readonly Type: "Succeed"; readonly OutputPath?: Path }
  | { readonly Type: "Fail"; readonly Error: string; readonly CausePath: Path }

const following = ["ResultPath", "Next", "End"]

/** The fields of a state that mean here what they mean on AWS. Any other throws. */
const fields: Readonly<Record<string, ReadonlyArray<string>>> = {
  Task: ["Resource", "Parameters", "ResultSelector", "TimeoutSeconds", "Retry", ...following],
  Map: [
    "Label",
    "ItemsPath",
    "ItemSelector",
    "MaxConcurrency",
    "ToleratedFailurePercentage",
    "ItemProcessor",
    ...following
  ],
  Choice: ["Choices", "Default"],
  Wait: ["Seconds", "Next"],
  Succeed: ["OutputPath"],
  Fail: ["Error", "CausePath"]
}

/** What ends an execution other than well. `error` is its name in the history. `child`: what ended one of a map, which its parent does not say. */
export class ExecutionFailed extends Error {
  readonly error: string
  constructor(error: string, cause: string, child?: ExecutionFailed) {
    super(cause, { cause: child })
    this.name = error
    this.error = error
  }
}

export interface MachineParts {
  readonly clock: EngineClock
  /** Invokes a function on behalf of the machine's role. Rejects with an `ExecutionFailed` that names the error as AWS does. */
  readonly invoke: (functionArn: string, payload: Json) => Promise<Json>
  /** Asked for the children of a map, which the machine starts, looks at, and when one has failed stops on its own account. */
  readonly authorize: (action: "StartExecution" | "DescribeExecution" | "StopExecution") => void
}

/** Runs a definition. Throws on whatever it says that is not implemented here, before anything runs. */
export const makeStateMachine = (definition: Definition, parts: MachineParts) => {
  check(definition)
  return { run: (input: Json): Promise<Json> => run(definition, input, parts) }
}

const check = ({ States, StartAt, ...rest }: Definition): void => {
  for (const field of Object.keys(rest))
    if (!["Comment", "ProcessorConfig"].includes(field)) throw notImplemented(`a definition with ${field}`)
  if (States[StartAt] === undefined) throw new ServiceError("InvalidDefinition", `there is no state ${StartAt}`)
  for (const [name, state] of Object.entries(States)) {
    const known = fields[state.Type]
    if (known === undefined) throw notImplemented(`the state ${name} of type ${state.Type}`)
    for (const field of Object.keys(state))
      if (field !== "Type" && !known.includes(field)) throw notImplemented(`the state ${name} with ${field}`)
    if (state.Type === "Task" && state.Resource !== "arn:aws:states:::lambda:invoke")
      throw notImplemented(`the state ${name}, which calls ${state.Resource}`)
    if (state.Type === "Map") {
      if (state.ToleratedFailurePercentage !== 0) throw notImplemented(`the state ${name}, which tolerates failures`)
      check(state.ItemProcessor)
    }
  }
}

const notImplemented = (what: string) =>
  new ServiceError("InvalidDefinition", `not implemented by aws-in-process: ${what}`)

const run = async ({ StartAt, States }: Definition, input: Json, parts: MachineParts): Promise<Json> => {
  let data = input
  let at: string | undefined = StartAt
  while (at !== undefined) {
    const state: State | undefined = States[at]
    if (state === undefined) throw new ServiceError("InvalidDefinition", `there is no state ${at}`)
    switch (state.Type) {
      case "Task":
        data = withResult(data, state.ResultPath, await task(state, data, parts))
        at = state.Next
        break
      case "Map":
        data = withResult(data, state.ResultPath, await map(state, data, parts))
        at = state.Next
        break
      case "Choice":
        at = state.Choices.find((choice) => applies(choice, data))?.Next ?? state.Default
        break
      case "Wait":
        await sleep(parts.clock, state.Seconds)
        at = state.Next
        break
      case "Succeed":
        return state.OutputPath === undefined ? data : readPath(data, state.OutputPath)
      case "Fail":
        throw new ExecutionFailed(state.Error, String(readPath(data, state.CausePath)))
    }
  }
  return data
}

const applies = ({ Variable, IsPresent, BooleanEquals }: Choice, data: Json): boolean =>
  IsPresent === undefined ? readPath(data, Variable) === BooleanEquals : isPresent(data, Variable) === IsPresent

const task = async (state: State & { readonly Type: "Task" }, data: Json, parts: MachineParts): Promise<Json> => {
  const { FunctionName, Payload } = state.Parameters
  const attempts = state.Retry.map(() => 0)
  for (;;)
    try {
      return select(state.ResultSelector, { Payload: await parts.invoke(FunctionName, select(Payload, data)) })
    } catch (failure) {
      if (!(failure instanceof ExecutionFailed)) throw failure
      const which = state.Retry.findIndex(({ ErrorEquals }) =>
        ErrorEquals.some((error) => matches(error, failure.error))
      )
      const retrier = state.Retry[which]
      const made = attempts[which] ?? 0
      if (retrier === undefined || made >= retrier.MaxAttempts) throw failure
      attempts[which] = made + 1
      // The longest that full jitter can make it.
      await sleep(parts.clock, Math.min(retrier.IntervalSeconds * retrier.BackoffRate ** made, retrier.MaxDelaySeconds))
    }
}

/** `States.TaskFailed` stands for every error but a time-out. */
const matches = (wanted: string, error: string): boolean =>
  wanted === error || (wanted === "States.TaskFailed" && error !== "States.Timeout")

const map = async (state: State & { readonly Type: "Map" }, data: Json, parts: MachineParts): Promise<Json> => {
  const items = readPath(data, state.ItemsPath)
  if (!Array.isArray(items)) throw new ExecutionFailed("States.Runtime", `${state.ItemsPath} is no list`)
  const results: Array<Json> = []
  let next = 0
  let failed: ExecutionFailed | undefined
  const worker = async (): Promise<void> => {
    while (next < items.length && failed === undefined) {
      const index = next++
      parts.authorize("StartExecution")
      const input = select(state.ItemSelector, data, { Map: { Item: { Value: items[index] ?? null, Index: index } } })
      try {
        results[index] = await run(state.ItemProcessor, input, parts)
      } catch (failure) {
        if (!(failure instanceof ExecutionFailed)) throw failure
        failed ??= failure
      }
      parts.authorize("DescribeExecution")
    }
  }
  await Promise.all(Array.from({ length: Math.min(items.length, state.MaxConcurrency || items.length) }, worker))
  if (failed !== undefined) {
    parts.authorize("StopExecution")
    const [error, cause] = [
      "States.ExceedToleratedFailureThreshold",
      "The specified tolerated failure threshold was exceeded"
    ]
    throw new ExecutionFailed(error, cause, failed)
  }
  return results
}

const sleep = (clock: EngineClock, seconds: number): Promise<void> =>
  new Promise((resolve) => {
    clock.at(clock.now() + seconds * 1_000, resolve)
  })
