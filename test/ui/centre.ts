import { createServer } from "node:net"
import { listen } from "../../src/wallboard/port.ts"
import { launch, type Running } from "../e2e/command.ts"

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const probe = createServer()
  const port = await listen(probe, 0)
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** A centre that is shown at an address. A run that is over by itself, should nobody end it. */
export const openCentre = async (
  options: ReadonlyArray<string>
): Promise<{ readonly address: string; readonly run: Running }> => {
  const port = await freePort()
  const run = await launch(["--port", String(port), "--duration", "4m", ...options])
  while (!run.stdout().includes("shows the wallboard")) await new Promise((resolve) => setTimeout(resolve, 50))
  return { address: `http://127.0.0.1:${port}`, run }
}
