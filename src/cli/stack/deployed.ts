import { readFileSync } from "node:fs"
import { hostname, userInfo } from "node:os"
import { S3Client } from "@aws-sdk/client-s3"
import { Effect, Result, Schema, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import type { Caller } from "../../store/audit-log.ts"
import { printable, usageError } from "../screen.ts"
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

const INSTEAD = "or give the outputs with --outputs FILE"

/** Lines of standard error that are shown when Pulumi fails. */
const SHOWN_LINES = 3

/** Why Pulumi failed, from its standard error: the errors, or else its first lines. */
const causeOf = (err: string, code: number): string => {
  const lines = err
    .split("\n")
    .map((line) => printable(line.trim()))
    .filter((line) => line !== "")
  const first = lines.findIndex((line) => line.startsWith("error:"))
  return lines.slice(Math.max(0, first)).slice(0, SHOWN_LINES).join("; ") || `it ended with ${code} and said nothing`
}

/** What the npm package pulumi says when it downloads the CLI, and when that fails. */
const DOWNLOADING = /^Downloading pulumi v([\w.-]+?)\.{3}$/m
const DOWNLOAD_FAILED = /^pulumi: (.+)$/m

/** What to do about an exit code of Pulumi that is not 0. */
const pulumiFailure = (name: string, err: string, code: number) => {
  const [, version] = DOWNLOADING.exec(err) ?? []
  const [, fault] = DOWNLOAD_FAILED.exec(err) ?? []
  return usageError(
    version === undefined || fault === undefined
      ? `pulumi has no outputs of stack ${name} (${causeOf(err, code)}): see pulumi stack ls, ${INSTEAD}`
      : `the Pulumi CLI ${version} is not on this machine, and its download from Pulumi's site, get.pulumi.com, failed (${printable(fault)}): copy ~/.pulumi/versions/${version} from a machine where npx pulumi works, ${INSTEAD}`
  )
}

/** Runs `pulumi stack output` in `project`. */
const askPulumi = Effect.fnUntraced(function* (project: string, name: string) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const args = ["stack", "output", "--json", "--stack", name, "--non-interactive"]
  const handle = yield* spawner.spawn(ChildProcess.make("pulumi", args, { cwd: project, extendEnv: true }))
  const [out, err, code] = yield* Effect.all(
    [
      Stream.mkString(Stream.decodeText(handle.stdout)),
      Stream.mkString(Stream.decodeText(handle.stderr)),
      handle.exitCode
    ],
    { concurrency: "unbounded" }
  )
  return { out, err, code }
}, Effect.scoped)

/** A deployed stack by its name: asks the Pulumi program in `project`, the folder of `Pulumi.yaml`. */
export const stackByName = (project: string) =>
  Effect.fnUntraced(function* (name: string) {
    const { code, out, err } = yield* Effect.mapError(askPulumi(project, name), () =>
      usageError(
        `the command pulumi was not found: run this as npx projections in the project, install the Pulumi CLI (https://www.pulumi.com/docs/install), ${INSTEAD}`
      )
    )
    if (code !== 0) return yield* pulumiFailure(name, err, code)
    return yield* targetOf(`stack ${name}`, yield* readOutputs(`stack ${name}`, out))
  })
