import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Context, Effect, Result, Schema } from "effect"
import { ChildProcessSpawner } from "effect/process"
import type { ConnectionSettings } from "../../store/connection.ts"
import { type CliExit, usageError } from "../screen.ts"
import { pulumi } from "./pulumi.ts"

/** The configuration of a stack, which need not be deployed yet. */
export class StackSettings extends Context.Service<
  StackSettings,
  {
    /**
     * Values of the project's keys, defaults of `Pulumi.yaml` included, and of `aws:region`, as texts; lists as JSON. What is encrypted is
     * left out.
     */
    readonly read: (stack: string) => Effect.Effect<Readonly<Record<string, string>>, CliExit>
    /** Sets keys of the project. */
    readonly set: (stack: string, values: Readonly<Record<string, string>>) => Effect.Effect<void, CliExit>
    readonly remove: (stack: string, keys: ReadonlyArray<string>) => Effect.Effect<void, CliExit>
    readonly isDeployed: (stack: string) => Effect.Effect<boolean, CliExit>
    /** How AWS is reached in a region. */
    readonly connection: (region: string) => ConnectionSettings
  }
>()("projections/StackSettings") {}

const Values = Schema.Record(
  Schema.String,
  Schema.Struct({ value: Schema.optional(Schema.String), objectValue: Schema.optional(Schema.Unknown) })
)
const decodeValues = Schema.decodeUnknownResult(Schema.fromJsonString(Values))
const decodeOutputs = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

const INSTEAD = "and make the stack with npx pulumi stack init where there is none"

/** The name of the project, which is the namespace of its keys. */
const nameOf = (project: string) =>
  Effect.try({
    try: () => readFileSync(join(project, "Pulumi.yaml"), "utf8"),
    catch: (cause) => usageError(`${(cause as Error).message}; run this in the folder of Pulumi.yaml`)
  }).pipe(Effect.map((text) => /^name:\s*["']?([\w.-]+)/m.exec(text)?.[1] ?? ""))

/** The stacks of the Pulumi program in `project`, the folder of `Pulumi.yaml`. */
export const pulumiSettings = (project: string, spawner: ChildProcessSpawner.ChildProcessSpawner["Service"]) => {
  const call = (stack: string, failed: string, ...args: ReadonlyArray<string>) =>
    pulumi({ project, args: [...args, "--stack", stack], failed, instead: INSTEAD }).pipe(
      Effect.provideService(ChildProcessSpawner.ChildProcessSpawner, spawner)
    )

  const read = Effect.fnUntraced(function* (stack: string) {
    const own = `${yield* nameOf(project)}:`
    const out = yield* call(stack, `pulumi has no configuration of stack ${stack}`, "config", "--json")
    const values = decodeValues(out.trim() === "" ? "{}" : out)
    if (Result.isFailure(values))
      return yield* usageError(`stack ${stack}: pulumi config --json printed something else: update the Pulumi CLI`)
    return Object.fromEntries(
      Object.entries(values.success).flatMap(([key, { value, objectValue }]) => {
        const text = value ?? (objectValue === undefined ? undefined : JSON.stringify(objectValue))
        const name = key.startsWith(own) ? key.slice(own.length) : key === "aws:region" ? key : undefined
        return text === undefined || name === undefined ? [] : [[name, text]]
      })
    )
  })

  return StackSettings.of({
    read,
    set: (stack, values) =>
      Effect.asVoid(
        call(
          stack,
          `pulumi could not set the configuration of stack ${stack}`,
          "config",
          "set-all",
          ...Object.entries(values).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`])
        )
      ),
    remove: (stack, keys) =>
      Effect.asVoid(
        call(stack, `pulumi could not change the configuration of stack ${stack}`, "config", "rm-all", ...keys)
      ),
    isDeployed: (stack) =>
      Effect.map(call(stack, `pulumi has no outputs of stack ${stack}`, "stack", "output", "--json"), (out) => {
        const outputs = decodeOutputs(out)
        return Result.isSuccess(outputs) && Object.keys(outputs.success).length > 0
      }),
    connection: (region) => ({ region })
  })
}
