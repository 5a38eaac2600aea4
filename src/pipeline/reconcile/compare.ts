export { compareAgent } from "./compare-agent.ts"
export { compareQueue } from "./compare-queue.ts"
export { AGE_MS, MARGIN_MS, TOLD_MS } from "./finding.ts"
