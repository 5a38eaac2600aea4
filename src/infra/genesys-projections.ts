import * as pulumi from "@pulumi/pulumi"
import { generation, type Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { assemble } from "./assemble/assemble.ts"
import type { Blueprint } from "./assemble/blueprint.ts"
import type { Tags } from "./aws.ts"
import { type FunctionName, functionCode } from "./bundle.ts"
import { generationsOf, leftOutOf, loadOf } from "./config.ts"
import { ConfigError, decodeSettings, type Settings } from "./decode-config.ts"
import { gravest, type NameFault, nameFault } from "./names.ts"
import { makeNodes, type Nodes } from "./nodes.ts"
import { type GenesysProjectionsOutputs, outputsOf } from "./outputs.ts"
import { ownProjections, type ProjectionsModule, projectionFaults } from "./projections-module.ts"
import { regionOfStack } from "./stack.ts"
import { missingShapes, shapeFaults } from "./table-shape.ts"
import { type Transform, transformFaults, transforming } from "./transform.ts"

/** The arguments that are no settings. The others are the keys of `Pulumi.yaml`, with the same bounds. */
interface OwnArgs {
  /** The projections to fold: `await projectionsFrom(new URL("./projections.ts", import.meta.url))`. Default: the agents, queues, conversations and intervals of queues of this package. */
  readonly projections?: ProjectionsModule
  /** Changes resources underneath before they are made, by kind: `{ logGroup: { retentionInDays: 7 } }`. */
  readonly transform?: Transform
  /** Tags for every resource that can have them, besides `Project` and `Stack`. */
  readonly tags?: Tags
  /** The region of the resources. Set it if a provider in the options decides the region. Default: `aws:region` of the stack. */
  readonly region?: string
  /**
   * What the names of resources begin with. `"component"`, the default: the name of the component, so a stack can have several. `"stack"`:
   * only the names of project and stack, as in version 0.1; a stack that 0.1 made keeps every resource.
   */
  readonly naming?: "component" | "stack"
  /** @internal The code of a function, for a program that runs the functions itself and wants the resources alone. */
  readonly code?: (name: FunctionName) => pulumi.Input<pulumi.asset.Archive>
}

/**
 * The arguments of `GenesysProjections`: the settings that `Pulumi.yaml` describes (all optional, plain values), and those that only a
 * program can give.
 */
export interface GenesysProjectionsArgs extends OwnArgs, Settings {}

/** A component with the outputs of a stack as properties. They are assigned at the end of the constructor. */
const WithOutputs = pulumi.ComponentResource as unknown as new (
  ...args: ConstructorParameters<typeof pulumi.ComponentResource>
) => pulumi.ComponentResource & GenesysProjectionsOutputs

/**
 * Genesys Cloud events in an immutable store, and settled projections of them in DynamoDB: bus, stream, tables, functions, alarms and a
 * dashboard, in your own Pulumi program.
 *
 * ```ts
 * const projections = await projectionsFrom(new URL("./projections.ts", import.meta.url))
 * const genesys = new GenesysProjections("contact-centre", { projections, peakEventsPerSecond: 200 })
 * export default genesys.outputs
 * ```
 *
 * The outputs are properties of the component (`genesys.readPolicyArn`). Export all of them, `genesys.outputs`, so that the operator's
 * command finds the stack. `genesys.nodes` are the resources underneath. The constructor throws a `RunError` that names every faulty
 * argument, before anything is made.
 */
export class GenesysProjections extends WithOutputs {
  /** All outputs, to export them from a program. */
  readonly outputs: GenesysProjectionsOutputs
  /** The resources underneath. */
  readonly nodes: Nodes
  /** What the stack folds: the projections that are listed, without those that a setting leaves out. */
  readonly folded: ReadonlyArray<Projection<Event>>

  /**
   * `name` is 1 to 30 letters, digits and dashes, and begins with a letter. Of `opts`, `provider`, `parent`, `protect` and
   * `transformations` reach everything underneath.
   */
  constructor(name: string, args: GenesysProjectionsArgs = {}, opts: pulumi.ComponentResourceOptions = {}) {
    const { projections: module = ownProjections, transform = {}, tags, region, naming, code, ...settings } = args
    const config = checked(name, { module, transform, naming, settings, region: region ?? regionOfStack() })
    const [project, stack] = [pulumi.getProject(), pulumi.getStack()]
    const bare = naming === "stack"
    const start = bare ? "" : `${name}-`
    const leftOut = leftOutOf(config)
    const folded = module.projections.filter(({ name }) => !leftOut.includes(name))
    const nodes = makeNodes(folded.map(generation))
    const unfit: Array<NameFault> = []
    const change = transforming(
      transform,
      (full) => full.slice(start.length),
      nodes,
      (...resource) => {
        const fault = nameFault(...resource)
        if (fault !== undefined) unfit.push(fault)
      }
    )
    super(
      "genesys-cloud-projections:stack:GenesysProjections",
      name,
      {},
      {
        ...opts,
        // The last that changes a resource, so that it is found as it is made.
        transformations: [...(opts.transformations ?? []), change]
      }
    )
    const blueprint: Blueprint = {
      config,
      load: loadOf(config, generationsOf(folded)),
      region: region ?? regionOfStack(),
      projections: folded,
      code: code ?? ((fn) => functionCode(fn, module.file, leftOut)),
      prefix: bare ? `${project}-${stack}` : `${project}-${stack}-${name}`,
      named: (part) => `${start}${part}`,
      tags: { Project: project, Stack: stack, ...tags },
      // Version 0.1 had no component: its parts belonged to the stack itself.
      opts: { parent: this, ...(bare ? { aliases: [{ parent: pulumi.rootStackResource }] } : {}) }
    }
    for (const sentence of missingShapes(folded, module.shapes)) void pulumi.log.warn(sentence, this)
    this.outputs = outputsOf(blueprint, assemble(blueprint))
    if (unfit.length > 0) throw new pulumi.RunError(`${stack}: names do not fit:\n- ${gravest(unfit).join("\n- ")}`)
    this.nodes = nodes.all()
    this.folded = folded
    Object.assign(this, this.outputs)
    this.registerOutputs({ ...this.outputs })
  }
}

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,29}$/

interface Unchecked {
  readonly module: ProjectionsModule
  readonly transform: Transform
  readonly naming: unknown
  readonly settings: Settings
  readonly region: string
}

/** The settings of a component, after all of its arguments were looked at. */
const checked = (name: string, { module, transform, naming, settings, region }: Unchecked) => {
  const stop = (message: string) => new pulumi.RunError(`${pulumi.getStack()}: ${message}`)
  if (!NAME.test(name))
    throw stop(`the component is named ${JSON.stringify(name)}; use 1 to 30 letters, digits and dashes.`)
  if (naming !== undefined && naming !== "component" && naming !== "stack")
    throw stop(`naming is ${JSON.stringify(naming)}; set component or stack.`)
  const listed: unknown = module.projections
  if (Array.isArray(module) || typeof module.file !== "string")
    throw stop("projections is no module; set await projectionsFrom(...), for the functions import that file.")
  const faults = [...projectionFaults(listed), ...transformFaults(transform)]
  if (faults.length === 0) faults.push(...shapeFaults(module.projections, module.shapes))
  if (faults.length > 0) throw stop(`the component has faulty arguments:\n- ${faults.join("\n- ")}`)
  try {
    const config = decodeSettings(settings, { region, generations: generationsOf(module.projections) })
    const unknown = config.adoptedTables.filter((name) => !module.projections.map(generation).includes(name))
    if (unknown.length > 0)
      throw new ConfigError(
        unknown.map(
          (name) => `adoptedTables has ${name}, which is not listed; list that generation, or remove it here.`
        )
      )
    return config
  } catch (error) {
    if (error instanceof ConfigError) throw stop(error.message)
    throw error
  }
}
