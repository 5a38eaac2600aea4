import { readFileSync } from "node:fs"
import { hostname, userInfo } from "node:os"
import { S3Client } from "@aws-sdk/client-s3"
import { Effect, Result, Schema } from "effect"
import type { Caller } from "../../store/use-log.ts"
import { usageError } from "../screen.ts"
import { pulumi } from "./pulumi.ts"
import { Outputs, type StackTarget } from "./stack.ts"

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Outputs))

/** The user of this machine. */
export const localCaller = (): Caller => ({ user: userInfo().username, host: hostname() })

/** The outputs that a JSON text holds; `source` names it to people. */
export const readOutputs = (source: string, text: string) => {
  const outputs = decode(text)
  if (Result.isSuccess(outputs)) return Effect.succeed(outputs.success)
  const [what = ""] = outputs.failure.message.split("\n")
  const at = /\["(\w+)"\]/.exec(outputs.failure.message)?.[1]
  return usageError(
    at === undefined
      ? `${source}: ${what}; it must be what pulumi stack output --json prints`
      : `${source}: there is no output ${at}; deploy this version of the stack first, with pulumi up`
  )
}

/** Whose the SDK's credentials are, as far as they say: CloudTrail knows the principal of an access key. */
const caller = (region: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new S3Client({ region })),
    (client) =>
      Effect.tryPromise({
        try: () => client.config.credentials(),
        catch: (cause) =>
          usageError(
            `there are no AWS credentials (${(cause as Error).message.split("\n")[0]}): sign in, or set AWS_PROFILE`
          )
      }),
    (client) => Effect.sync(() => client.destroy())
  ).pipe(
    Effect.map(
      ({ accessKeyId, accountId }): Caller => ({
        ...localCaller(),
        accessKeyId,
        ...(accountId === undefined ? {} : { account: accountId })
      })
    )
  )

const targetOf = Effect.fnUntraced(function* (name: string, outputs: Outputs) {
  // The ARN says where the stack is, wherever the profile points.
  const region = outputs.streamArn.split(":")[3] ?? ""
  return { name, outputs, connection: { region }, who: yield* caller(region) } satisfies StackTarget as StackTarget
})

/** A deployed stack by a file of its outputs. */
export const stackByFile = Effect.fnUntraced(function* (path: string) {
  const text = yield* Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: (cause) =>
      usageError(`--outputs: ${(cause as Error).message}; write one with pulumi stack output --json > FILE`)
  })
  return yield* targetOf(`outputs ${path}`, yield* readOutputs(path, text))
})

/** A deployed stack by its name: asks the Pulumi program in `project`, the folder of `Pulumi.yaml`. */
export const stackByName = (project: string) =>
  Effect.fnUntraced(function* (name: string) {
    const out = yield* pulumi({
      project,
      args: ["stack", "output", "--json", "--stack", name],
      failed: `pulumi has no outputs of stack ${name}`,
      instead: "or give the outputs with --outputs FILE"
    })
    return yield* targetOf(`stack ${name}`, yield* readOutputs(`stack ${name}`, out))
  })
