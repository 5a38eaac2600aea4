import * as pulumi from "@pulumi/pulumi"
import type { RegisterResourceRequest, RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb.js"
import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { GenesysProjections } from "../infra/genesys-projections.ts"
import { ownProjections } from "../infra/projections-module.ts"
import { stackSettings } from "../infra/stack.ts"
import { make } from "./fake-provider.ts"
import { type ConfigValue, projectFile, stackConfig } from "./stack-config.ts"

/** A resource as the program registered it. References are resolved: an input that names another resource holds its ARN, URL or name. */
export interface CapturedResource {
  readonly urn: string
  /** Pulumi's token, such as `aws:sqs/queue:Queue`. */
  readonly type: string
  /** The logical name, which is unique among resources of a type. */
  readonly name: string
  /** False for components, which group resources and are none. */
  readonly custom: boolean
  readonly inputs: Readonly<Record<string, unknown>>
  /** The inputs, and what AWS would add: `id`, `arn`, `url`, `name` or `bucket`. Empty for components. */
  readonly outputs: Readonly<Record<string, unknown>>
  readonly options: {
    /** URN of the component that it belongs to; empty for those that belong to the stack itself. */
    readonly parent: string
    readonly protect: boolean
    readonly retainOnDelete: boolean
    readonly deleteBeforeReplace: boolean
    /** URNs. */
    readonly dependsOn: ReadonlyArray<string>
    /** Inputs that later updates leave as they are. */
    readonly ignoreChanges: ReadonlyArray<string>
    /** The id of what exists in AWS already and is taken into the stack; empty for what the stack makes. */
    readonly importId: string
    /** What the resource may be known as from before, beside what follows from the aliases of its parent. */
    readonly aliases: ReadonlyArray<unknown>
  }
}

export interface Captured {
  readonly resources: ReadonlyArray<CapturedResource>
  /** The stack's outputs by name. */
  readonly outputs: Readonly<Record<string, unknown>>
  /** What the stack folds. */
  readonly projections: ReadonlyArray<Projection<Event>>
}

/** For whom a program runs. */
export interface CaptureSettings {
  readonly stack: string
  readonly project?: string
  /** Full keys to texts. */
  readonly config: Readonly<Record<string, string>>
}

/**
 * Constructs the stack as `index.ts` does, against Pulumi's mock engine, and returns what it registers: no CLI, no network, no output.
 * `overrides` are configuration values by key (`{ settleWindowSeconds: 1 }`), and `projections` is folded in place of what
 * `projections/index.ts` lists. Function code is left out: its archive is a placeholder. Rejects when a value is faulty, with the
 * component's own error.
 */
export const capture = async (
  stack: string,
  overrides: Readonly<Record<string, ConfigValue>> = {},
  projections: ReadonlyArray<Projection<Event>> = ownProjections.projections
): Promise<Captured> => {
  let folded = projections
  const captured = await captureProgram({ stack, config: stackConfig(stack, overrides) }, () => {
    const module = { file: "", projections }
    const code = () => new pulumi.asset.AssetArchive({})
    const args = { ...stackSettings(), naming: "stack", projections: module, code } as const
    const component = new GenesysProjections("projections", args)
    folded = component.folded
    return component.outputs
  })
  return { ...captured, projections: folded }
}

/**
 * Runs a Pulumi program against the mock engine, and returns what it registers beside what it returns as the stack's outputs. Programs
 * take turns, because Pulumi's runtime is one per process. Rejects when the program fails, with its own error.
 */
export const captureProgram = (
  settings: CaptureSettings,
  program: () => unknown
): Promise<Omit<Captured, "projections">> => {
  const result = last.then(() => run(settings, program))
  last = result.catch(() => undefined)
  return result
}

let last: Promise<unknown> = Promise.resolve()

/**
 * Frames of a stack trace while a program runs. Pulumi notes a trace for each of its promises, which with the usual ten takes more than
 * half of a capture's time; one says still where an error comes from.
 */
const FRAMES = 1

const run = async (
  { stack, project = projectFile().name, config }: CaptureSettings,
  program: () => unknown
): Promise<Omit<Captured, "projections">> => {
  const region = config["aws:region"] ?? ""
  const resources: Array<CapturedResource> = []
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        if (custom !== true) return { id: undefined, state: inputs }
        const { id, ...state } = make(type, `${project}-${stack}-${name}`, region, inputs)
        return { id, state }
      },
      call: ({ token }) => {
        throw new Error(`the program asks AWS for ${token}, which a capture cannot answer`)
      }
    },
    project,
    stack
  )
  pulumi.runtime.setAllConfig({ ...config })
  record(resources)
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES
  try {
    const outputs = await settled((await program()) as Captured["outputs"])
    return { resources, outputs }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    // Waits for what is still being registered, which after a failure would land in the next program.
    await pulumi.runtime.disconnect()
  }
}

/** Mocks are not told of options such as `protect`; the request that the program sends holds them all. */
const record = (resources: Array<CapturedResource>): void => {
  const monitor = pulumi.runtime.getMonitor()
  if (monitor === undefined) throw new Error("there is no engine to capture from")
  const inner = monitor.registerResource.bind(monitor) as unknown as Register
  const recording: Register = (request, callback) =>
    inner(request, (error, response) => {
      if (error === null) {
        const custom = request.getCustom()
        const inputs = plain(request.getObject())
        const made = plain(response.getObject())
        resources.push({
          urn: response.getUrn(),
          type: request.getType(),
          name: request.getName(),
          custom,
          inputs,
          outputs: custom ? { ...made, id: response.getId() } : {},
          options: {
            parent: request.getParent(),
            protect: request.getProtect() ?? false,
            retainOnDelete: request.getRetainondelete() ?? false,
            deleteBeforeReplace: request.getDeletebeforereplace(),
            dependsOn: request.getDependenciesList(),
            ignoreChanges: request.getIgnorechangesList(),
            importId: request.getImportid(),
            aliases: request.getAliasesList().map((alias) => alias.toObject())
          }
        })
      }
      callback(error, response)
    })
  monitor.registerResource = recording as unknown as typeof monitor.registerResource
}

type Register = (
  request: RegisterResourceRequest,
  callback: (error: Error | null, response: RegisterResourceResponse) => void
) => void

const plain = (struct: ReturnType<RegisterResourceRequest["getObject"]>): CapturedResource["inputs"] =>
  struct?.toJavaScript() ?? {}

const settled = (outputs: Captured["outputs"]): Promise<Captured["outputs"]> =>
  new Promise((resolve) => {
    pulumi.output(outputs).apply(resolve)
  })
