export type { Columns } from "../domain/projection.ts"
