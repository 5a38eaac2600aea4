import { Effect, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { printable, usageError } from "../screen.ts"

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

/** A use of Pulumi. `failed` begins the sentence about a failure, `instead` ends it: what else can be done. */
export interface PulumiCall {
  /** The folder of `Pulumi.yaml`. */
  readonly project: string
  readonly args: ReadonlyArray<string>
  readonly failed: string
  readonly instead: string
}

/** What to do about an exit code of Pulumi that is not 0. */
const failure = ({ failed, instead }: PulumiCall, err: string, code: number) => {
  const [, version] = DOWNLOADING.exec(err) ?? []
  const [, fault] = DOWNLOAD_FAILED.exec(err) ?? []
  return usageError(
    version === undefined || fault === undefined
      ? `${failed} (${causeOf(err, code)}): see pulumi stack ls, ${instead}`
      : `the Pulumi CLI ${version} is not on this machine, and its download from Pulumi's site, get.pulumi.com, failed (${printable(fault)}): see "Behind a proxy or without Internet access" in docs/getting-started.md, ${instead}`
  )
}

const run = Effect.fnUntraced(function* ({ project, args }: PulumiCall) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const handle = yield* spawner.spawn(
    ChildProcess.make("pulumi", [...args, "--non-interactive"], { cwd: project, extendEnv: true })
  )
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

/** Runs `pulumi` and returns its standard output. Fails with a sentence where it is not found or ends with another code than 0. */
export const pulumi = Effect.fnUntraced(function* (call: PulumiCall) {
  const { code, out, err } = yield* Effect.mapError(run(call), () =>
    usageError(
      `the command pulumi was not found: run this as npx projections in the project, install the Pulumi CLI (https://www.pulumi.com/docs/install), ${call.instead}`
    )
  )
  return code === 0 ? out : yield* failure(call, err, code)
})
