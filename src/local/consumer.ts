import { Data } from "effect"

/** The file has no function to call, or the stack no such projection. */
export class NoHandler extends Data.TaggedError("NoHandler")<{ readonly message: string }> {}

/** Whose changes go to which file. */
export interface Consumer {
  /** Such as `agents`. */
  readonly projection: string
  readonly file: string
}

/** `agents=announce.ts` in its parts; undefined where it is something else. */
export const consumerOf = (text: string): Consumer | undefined => {
  const [, projection, file] = /^([\w.-]+)=(.+)$/.exec(text) ?? []
  return projection === undefined || file === undefined ? undefined : { projection, file }
}
