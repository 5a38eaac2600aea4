import * as pulumi from "@pulumi/pulumi"
import { type ArgsOf, type Kind, kindOf, kinds, type makeNodes } from "./nodes.ts"

/**
 * Changes the resources of a kind before they are made: arguments that take the place of those of the same name, or a function that
 * writes into its `args` and `opts`. `name` is the resource's own, without the component's: `settle-dlq`.
 */
export type TransformOf<K extends Kind> =
  | Partial<ArgsOf<K>>
  | ((args: ArgsOf<K>, opts: pulumi.CustomResourceOptions, name: string) => undefined)

/**
 * By kind. What the stack relies on can be broken with it (a table's key, a queue's visibility timeout): read what a resource is made
 * with in `nodes` or a preview first.
 *
 * ```ts
 * transform: {
 *   logGroup: { retentionInDays: 7 },
 *   function: (args, opts, name) => {
 *     if (name === "append") args.memorySize = 2048
 *     opts.retainOnDelete = true
 *   }
 * }
 * ```
 */
export type Transform = { readonly [K in Kind]?: TransformOf<K> | undefined }

/** What is wrong with a transform, one sentence each. */
export const transformFaults = (transform: Transform): ReadonlyArray<string> =>
  Object.entries(transform).flatMap(([kind, change]) => {
    if (!Object.hasOwn(kinds, kind))
      return [`transform.${kind} is no kind of resource; use one of ${Object.keys(kinds).join(", ")}.`]
    return change === undefined || typeof change === "function" || (typeof change === "object" && change !== null)
      ? []
      : [`transform.${kind} is ${JSON.stringify(change)}; set arguments, or a function that changes them.`]
  })

/**
 * Applies `transform` to each resource below a component as it is made, and notes the resource among the nodes. `seen` is told what AWS
 * will be given: the kind, Pulumi's type, the logical name and the arguments.
 */
export const transforming =
  (
    transform: Transform,
    shortName: (name: string) => string,
    nodes: ReturnType<typeof makeNodes>,
    seen: (kind: Kind, type: string, name: string, props: Readonly<Record<string, unknown>>) => void
  ) =>
  ({
    resource,
    type,
    name,
    props,
    opts
  }: pulumi.ResourceTransformationArgs): pulumi.ResourceTransformationResult | undefined => {
    const kind = kindOf(resource)
    if (kind === undefined) return undefined
    const short = shortName(name)
    nodes.add(kind, short, resource)
    const changed = changedBy(transform[kind], kind, short, { props, opts })
    seen(kind, type, name, (changed ?? { props }).props)
    return changed
  }

const changedBy = (
  change: unknown,
  kind: Kind,
  short: string,
  { props, opts }: pulumi.ResourceTransformationResult
): pulumi.ResourceTransformationResult | undefined => {
  if (change === undefined) return undefined
  const [args, options] = [{ ...props }, { ...opts }]
  if (typeof change === "object") return { props: Object.assign(args, change), opts }
  const answer: unknown = (change as (...given: ReadonlyArray<unknown>) => unknown)(args, options, short)
  if (answer !== undefined)
    throw new pulumi.RunError(`transform.${kind} returned something for ${short}; write into args and opts instead.`)
  return { props: args, opts: options }
}
