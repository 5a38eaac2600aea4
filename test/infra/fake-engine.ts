import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type handleUnaryCall, Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js"
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js"
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js"
import engine from "@pulumi/pulumi/proto/engine_pb.js"
import resourceServices from "@pulumi/pulumi/proto/resource_grpc_pb.js"
import type { RegisterResourceOutputsRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js"
import resource from "@pulumi/pulumi/proto/resource_pb.js"
import empty from "google-protobuf/google/protobuf/empty_pb.js"
import struct from "google-protobuf/google/protobuf/struct_pb.js"
import { make } from "../../src/local/fake-provider.ts"
import { projectFile, stackConfig } from "../../src/local/stack-config.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** What Pulumi would show of a run: the registered resources, the stack's outputs, messages of warning and above, the exit code. */
export interface Boot {
  readonly resources: ReadonlyArray<{
    readonly type: string
    readonly name: string
    readonly inputs: Record<string, unknown>
  }>
  readonly outputs: Readonly<Record<string, unknown>>
  readonly messages: ReadonlyArray<string>
  readonly exitCode: number | null
}

/**
 * Runs the program as the CLI does: Node on Pulumi's own entry point, with the runtime options and the `main` of `Pulumi.yaml`, and a
 * configuration in the environment, against an engine on a loopback port that makes nothing.
 */
export const boot = (
  stack: string,
  overrides: Parameters<typeof stackConfig>[1] = {},
  secretKeys: ReadonlyArray<string> = []
): Promise<Boot> => {
  const { name: project, main = ".", runtime } = projectFile()
  const { typescript = true, nodeargs = "" } = runtime.options ?? {}
  const options = { typescript: String(typescript), nodeargs: String(nodeargs) }
  return bootProgram({ folder: root, project, main, options, stack, config: stackConfig(stack, overrides), secretKeys })
}

/** A Pulumi program in a folder, with what the CLI reads from its `Pulumi.yaml` and from the stack. */
export interface BootedProgram {
  readonly folder: string
  readonly project: string
  readonly main: string
  readonly options: { readonly typescript: string; readonly nodeargs: string }
  readonly stack: string
  /** Full keys to texts. */
  readonly config: Readonly<Record<string, string>>
  /** The full keys among them that were set with `--secret`. */
  readonly secretKeys?: ReadonlyArray<string>
}

export const bootProgram = async (program: BootedProgram): Promise<Boot> => {
  const { folder, project, main, options, stack, config } = program
  const resources: Array<Boot["resources"][number]> = []
  const messages: Array<string> = []
  let outputs = {}
  let rootUrn = ""

  const registerResource: handleUnaryCall<RegisterResourceRequest, resource.RegisterResourceResponse> = (
    { request },
    answer
  ) => {
    const [type, name, inputs] = [request.getType(), request.getName(), request.getObject()?.toJavaScript() ?? {}]
    if (request.getCustom()) resources.push({ type, name, inputs })
    const { id = "", ...state }: Record<string, unknown> = request.getCustom()
      ? make(type, `${project}-${stack}-${name}`, config["aws:region"] ?? "", inputs)
      : {}
    const response = new resource.RegisterResourceResponse()
    response.setUrn(`urn:pulumi:${stack}::${project}::${type}::${name}`)
    response.setId(String(id))
    response.setObject(struct.Struct.fromJavaScript(state as Record<string, struct.JavaScriptValue>))
    answer(null, response)
  }
  const registerResourceOutputs: handleUnaryCall<RegisterResourceOutputsRequest, empty.Empty> = (
    { request },
    answer
  ) => {
    if (request.getUrn() === rootUrn) outputs = request.getOutputs()?.toJavaScript() ?? {}
    answer(null, new empty.Empty())
  }
  const supportsFeature: handleUnaryCall<resource.SupportsFeatureRequest, resource.SupportsFeatureResponse> = (
    { request },
    answer
  ) => {
    const response = new resource.SupportsFeatureResponse()
    response.setHassupport(request.getId() !== "outputValues")
    answer(null, response)
  }
  const log: handleUnaryCall<LogRequest, empty.Empty> = ({ request }, answer) => {
    if (request.getSeverity() >= engine.LogSeverity.WARNING) messages.push(request.getMessage())
    answer(null, new empty.Empty())
  }
  const done: handleUnaryCall<unknown, empty.Empty> = (_, answer) => answer(null, new empty.Empty())
  const server = new Server()
  server.addService(
    resourceServices.ResourceMonitorService as never,
    {
      registerResource,
      registerResourceOutputs,
      supportsFeature,
      signalAndWaitForShutdown: done
    } as UntypedServiceImplementation
  )
  server.addService(
    engineServices.EngineService as never,
    {
      log,
      setRootResource: (({ request }, answer) => {
        rootUrn = request.getUrn()
        answer(null, new engine.SetRootResourceResponse())
      }) satisfies handleUnaryCall<engine.SetRootResourceRequest, engine.SetRootResourceResponse>,
      getRootResource: ((_, answer) => {
        const response = new engine.GetRootResourceResponse()
        response.setUrn(rootUrn)
        answer(null, response)
      }) satisfies handleUnaryCall<engine.GetRootResourceRequest, engine.GetRootResourceResponse>
    } as UntypedServiceImplementation
  )
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound)
    )
  )
  const address = `127.0.0.1:${port}`
  const entry = createRequire(join(folder, main)).resolve("@pulumi/pulumi/cmd/run/index.js")
  const flags = { monitor: address, engine: address, project, stack, pwd: folder, parallel: "16" }
  const child = spawn(
    process.execPath,
    [
      ...options.nodeargs.split(" ").filter(Boolean),
      entry,
      ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]),
      main
    ],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PULUMI_NODEJS_TYPESCRIPT: options.typescript,
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(program.secretKeys ?? [])
      }
    }
  )
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => messages.push(text))
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve))
  server.forceShutdown()
  return { resources, outputs, messages, exitCode }
}
