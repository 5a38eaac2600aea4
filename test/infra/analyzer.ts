import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { createInterface } from "node:readline"
import { credentials, type ServiceError } from "@grpc/grpc-js"
import analyzerServices from "@pulumi/pulumi/proto/analyzer_grpc_pb.js"
import type { AnalyzeResponse, AnalyzerInfo } from "@pulumi/pulumi/proto/analyzer_pb.js"
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js"
import empty from "google-protobuf/google/protobuf/empty_pb.js"
import struct from "google-protobuf/google/protobuf/struct_pb.js"
import type { CapturedResource } from "../../src/local/capture.ts"

/** What a policy says about a stack. */
export interface Finding {
  readonly policy: string
  readonly message: string
  readonly urn: string
  /** Stops the command; otherwise it is only shown. */
  readonly mandatory: boolean
}

/** A served policy pack. */
export interface Pack {
  /** Turns those policies off, and all others on, as a configuration file of the command does. */
  readonly disable: (...policies: ReadonlyArray<string>) => Promise<void>
  readonly info: () => Promise<AnalyzerInfo.AsObject>
  readonly analyze: (resources: ReadonlyArray<CapturedResource>) => Promise<ReadonlyArray<Finding>>
  readonly stop: () => Promise<void>
}

const toWire = ({
  type,
  name,
  urn,
  inputs,
  outputs,
  options
}: CapturedResource): InstanceType<typeof analyzer.AnalyzerResource> => {
  const wire = new analyzer.AnalyzerResource()
  const settings = new analyzer.AnalyzerResourceOptions()
  settings.setProtect(options.protect)
  // A request without timeouts is taken for one of an old CLI, and refused.
  settings.setCustomtimeouts(new analyzer.AnalyzerResourceOptions.CustomTimeouts())
  wire.setType(type)
  wire.setName(name)
  wire.setUrn(urn)
  wire.setParent(options.parent)
  wire.setOptions(settings)
  // The wire knows no undefined.
  wire.setProperties(struct.Struct.fromJavaScript(JSON.parse(JSON.stringify({ ...outputs, ...inputs }))))
  return wire
}

/** Serves the pack in a folder as the CLI does, with Pulumi's own entry point. Rejects with what the process says if it ends. */
export const serve = async (folder: string): Promise<Pack> => {
  const entry = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js")
  const child = spawn(process.execPath, [entry, "127.0.0.1:0", "."], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] })
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()))
  let complaints = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text
  })
  const port = await Promise.race([
    new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve)),
    ended.then(() => Promise.reject(new Error(complaints)))
  ])
  const client = new analyzerServices.AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure())
  const answered = <A>(call: (done: (error: ServiceError | null, answer: A) => void) => unknown): Promise<A> =>
    new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))))
  return {
    disable: async (...policies) => {
      const request = new analyzer.ConfigureAnalyzerRequest()
      for (const policy of policies) {
        const config = new analyzer.PolicyConfig()
        config.setEnforcementlevel(analyzer.EnforcementLevel.DISABLED)
        config.setProperties(new struct.Struct())
        request.getPolicyconfigMap().set(policy, config)
      }
      await answered((done) => client.configure(request, done))
    },
    info: async () =>
      (await answered<AnalyzerInfo>((done) => client.getAnalyzerInfo(new empty.Empty(), done))).toObject(),
    analyze: async (resources) => {
      const request = new analyzer.AnalyzeStackRequest()
      request.setResourcesList(resources.map(toWire))
      const response = await answered<AnalyzeResponse>((done) => client.analyzeStack(request, done))
      return response.getDiagnosticsList().map((one) => ({
        policy: one.getPolicyname(),
        message: one.getMessage(),
        urn: one.getUrn(),
        mandatory: one.getEnforcementlevel() === analyzer.EnforcementLevel.MANDATORY
      }))
    },
    stop: () => {
      client.close()
      child.kill()
      return ended
    }
  }
}
