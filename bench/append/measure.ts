import { type ChildProcess, fork } from "node:child_process"
import { join } from "node:path"
import type { Name, Setting } from "./contenders.ts"
import { environmentAt, type Functions } from "./deployed.ts"
import type { Effort, Spent } from "./rounds.ts"

export interface Measured {
  /** Microseconds of an event, by round. */
  readonly spent: Readonly<Record<Name, ReadonlyArray<Spent>>>
  /** Milliseconds of an invocation where each call takes 4 ms. */
  readonly delays: Readonly<Record<"sequential" | "powertools" | "statements" | "append", ReadonlyArray<number>>>
  /** Microseconds of CPU of an update that is projected, by round. */
  readonly updates: ReadonlyArray<number>
}

const fileOf = (name: string) => join(import.meta.dirname, name)

/** What a process tells first. Rejects where it ends before. */
const told = <A>(child: ChildProcess): Promise<A> =>
  new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as A))
    child.once("exit", (code) => reject(new Error(`it ended with ${code} before it told anything`)))
  })

/** Measures those handlers in one process against canned answers in another. */
export const measure = async (
  { append, project, othersFile, beforeFile }: Functions,
  names: ReadonlyArray<Name>,
  effort: Effort
): Promise<Measured> => {
  const server = fork(fileOf("server.ts"), [], { execArgv: [] })
  try {
    const { port } = await told<{ readonly port: number }>(server)
    const setting: Setting & Effort & { readonly names: ReadonlyArray<Name> } = {
      ...effort,
      names,
      endpoint: `http://127.0.0.1:${port}`,
      appendFile: append.file,
      projectFile: project.file,
      othersFile,
      ...(beforeFile === undefined ? {} : { beforeFile })
    }
    const handlers = fork(fileOf("handlers.ts"), [JSON.stringify(setting)], {
      // So that none pays for the garbage of another.
      execArgv: [],
      env: { PATH: process.env.PATH, ...environmentAt(port, [append, project]) },
      // A log line an invocation is part of what they do, and nobody reads it.
      stdio: ["ignore", "ignore", "inherit", "ipc"]
    })
    return await told<Measured>(handlers)
  } finally {
    server.disconnect()
  }
}
