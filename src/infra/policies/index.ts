import { accessRules } from "./access.ts"
import { dataRules } from "./data.ts"
import { deliveryRules } from "./delivery.ts"
import { functionRules } from "./functions.ts"
import type { Rule } from "./rule.ts"

/** Every rule that a stack is held to. */
export const rules: ReadonlyArray<Rule> = [...deliveryRules, ...accessRules, ...dataRules, ...functionRules]
