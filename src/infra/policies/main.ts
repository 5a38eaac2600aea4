import { PolicyPack } from "@pulumi/policy"
import { rules } from "./index.ts"
import { asPolicies } from "./pack.ts"

/** What Pulumi loads: making the pack serves it. Bundled by build.ts, for Pulumi would compile TypeScript in a way of its own. */
new PolicyPack("genesys-cloud-projections", { policies: [...asPolicies(rules)] })
