import type { Capacity } from "../capacity.ts"

/** Seconds that the stack's model expects of an invocation at the peak. */
export type Expected = Pick<Capacity, "appendSeconds" | "projectSeconds">

/** What every function is held to that can hold it. */
const LEAST_MS = 200

const from = (seconds: number): number => Math.max(LEAST_MS, Math.ceil(2 * seconds * 100) * 10)

/** Milliseconds from which an invocation is slow: twice what the model expects at the peak, and never less than 200. */
export const slowMs = ({ appendSeconds, projectSeconds }: Expected) => ({
  append: from(appendSeconds),
  project: from(projectSeconds)
})
