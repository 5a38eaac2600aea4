import { Context, Effect } from "effect"

const readAll = async (): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

/** Standard input, for what must stand in no command line, environment or log. */
export const StandardInput = Context.Reference<{ readonly read: Effect.Effect<string> }>("projections/StandardInput", {
  defaultValue: () => ({ read: Effect.promise(readAll) })
})
