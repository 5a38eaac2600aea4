/** The stack as a component for Pulumi programs. */
export { ConfigError, type Settings } from "./decode-config.ts"
export { GenesysProjections, type GenesysProjectionsArgs } from "./genesys-projections.ts"
export type { ArgsOf, Kind, Nodes, NodesByKind } from "./nodes.ts"
export type { GenesysProjectionsOutputs, ProjectionTableOutput } from "./outputs.ts"
export { ownProjections, type ProjectionsModule, projectionsFrom } from "./projections-module.ts"
export { ReadApi, type ReadApiNodes } from "./read-api.ts"
export type { CognitoAuthorizer, ReadApiArgs, ReadStack, ServiceLevel } from "./read-api-args.ts"
export type { Transform, TransformOf } from "./transform.ts"
