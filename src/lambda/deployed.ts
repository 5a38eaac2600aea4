import { Layer } from "effect"
import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { Projections } from "../pipeline/folding.ts"
import { stdoutLines } from "./lines.ts"
import { type LambdaFunction, serve } from "./runtime.ts"

/** The handler of a deployed function. What it folds is given by the module that the stack names. */
export const deployed = <R, LE, Out>(fn: LambdaFunction<R, LE, Out>, projections: ReadonlyArray<Projection<Event>>) =>
  serve(fn, Layer.merge(stdoutLines, Layer.succeed(Projections, projections)))
