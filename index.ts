import { GenesysProjections } from "./src/infra/genesys-projections.ts"
import { stackSettings } from "./src/infra/stack.ts"

/** Everything in this stack, as `Pulumi.yaml` and the stack's own file configure it, with the projections of `projections/index.ts`. */
const stack = new GenesysProjections("projections", { ...stackSettings(), naming: "stack" })

/** The outputs that `pulumi stack output` prints; `GenesysProjectionsOutputs` says what each of them is. */
export default stack.outputs
