import { NodeServices } from "@effect/platform-node"
import { Effect, Fiber, Layer } from "effect"
import { sizing } from "../../../src/bin/sizing.ts"
import { run } from "../../../src/cli/command.ts"
import type { Outputs, StackTarget } from "../../../src/cli/stack/stack.ts"
import { Projections } from "../../../src/pipeline/folding.ts"
import type { ConnectionSettings } from "../../../src/store/connection.ts"
import type { Board, Change } from "../../../src/wallboard/board.ts"
import { applied } from "../../../src/wallboard/board.ts"
import { listenTo } from "../../local/wallboard/parts.ts"
import { serve } from "../../read/served.ts"
import { onlyStack, paper, type Said } from "../harness.ts"

/** What of a stack the wall is told: its outputs, and as whom it reads. */
export interface Site {
  readonly outputs: Readonly<Record<string, unknown>>
  /** In process; the wall reaches it over a port of this machine. */
  readonly reader: ConnectionSettings
}

const servicesOf = (site: Site, endpoint: string, layer: ReturnType<typeof paper>["layer"]) => {
  const { region, credentials } = site.reader
  const target: StackTarget = {
    name: "stack test",
    outputs: site.outputs as Outputs,
    connection: { endpoint, ...(region && { region }), ...(credentials && { credentials }) },
    who: { user: "robin", host: "desk" }
  }
  return Layer.mergeAll(layer, onlyStack(target), sizing, NodeServices.layer, Layer.succeed(Projections, []))
}

/** Runs the command to its end on a stack that is reached over the network. */
export const wallboard = async (site: Site, ...args: ReadonlyArray<string>): Promise<Said> => {
  const { endpoint, close } = await serve(site.reader)
  const { layer, said } = paper()
  try {
    const effect = run(["wallboard", ...args, "--stack", "test"])
    return said(await Effect.runPromise(Effect.provide(effect, servicesOf(site, endpoint, layer))))
  } finally {
    await close()
  }
}

/** Starts the wall of a stack that is reached over the network, on a free port. `stop` is Ctrl-C. */
export const openWall = async (site: Site, ...args: ReadonlyArray<string>) => {
  const { endpoint, close } = await serve(site.reader)
  const { layer, said } = paper()
  const fiber = Effect.runFork(
    run(["wallboard", "--port", "0", ...args, "--stack", "test"]).pipe(
      Effect.provide(servicesOf(site, endpoint, layer))
    )
  )
  const addressIn = () => /(http:\S+) shows the wallboard/.exec(said(0).out)?.[1]
  while (addressIn() === undefined) {
    if (fiber.pollUnsafe() !== undefined) throw new Error(`it ended: ${said(0).err}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    address: addressIn() ?? "",
    said: () => said(0),
    stop: async () => {
      await Effect.runPromise(Fiber.interrupt(fiber))
      await close()
    }
  }
}

/** The board of a wall, as its page knows it once `good` holds of it. */
export const boardWhen = async (address: string, good: (board: Board) => boolean): Promise<Board> => {
  const stream = await listenTo(address)
  let board: Board | undefined
  for (;;) {
    const message = await stream.next()
    if (message === undefined || message.event === "end") throw new Error("the wall has ended")
    board = message.event === "board" ? message.data : board && applied(board, message.data as Change)
    if (board === undefined || !good(board)) continue
    await stream.cancel()
    return board
  }
}
