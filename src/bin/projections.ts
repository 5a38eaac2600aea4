#!/usr/bin/env node
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { ChildProcessSpawner } from "effect/process"
import { run } from "../cli/command.ts"
import { EXIT, Screen, usageError } from "../cli/screen.ts"
import { localCaller, readOutputs, stackByFile, stackByName } from "../cli/stack/deployed.ts"
import { StackTargets } from "../cli/stack/stack.ts"
import { pulumiSettings, StackSettings } from "../cli/stack/stack-settings.ts"
import { isPublished, packageRoot } from "../infra/package-root.ts"
import { Projections } from "../pipeline/folding.ts"
import { nearest, projectionsOf } from "./projections-of.ts"
import { sizing } from "./sizing.ts"

/** The folder of the Pulumi program: the nearest one that has a `Pulumi.yaml`, or that of this package. */
const project = nearest("Pulumi.yaml", process.cwd()) ?? packageRoot

/** A reader of the output, such as `head`, can close it early. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0)
  throw error
})

const CLEAR_LINE = "\r\u001b[K"

const screen = Layer.sync(Screen, () => {
  let drawn = false
  const redraw = (text: string) => {
    if (process.stderr.isTTY !== true) return
    process.stderr.write(`${CLEAR_LINE}${text}`)
    drawn = text !== ""
  }
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    write: (bytes) => void process.stdout.write(bytes),
    note: (text) => {
      if (drawn) redraw("")
      process.stderr.write(`${text}\n`)
    },
    redraw,
    outputIsTerminal: process.stdout.isTTY === true,
    errorIsTerminal: process.stderr.isTTY === true
  }
})

/** A stack on this machine. The local engine is loaded only for it. */
const openFolder = Effect.fnUntraced(function* (path: string) {
  const { isDataFolder, openFolder } = yield* Effect.tryPromise({
    try: () => import("../local/folder.ts"),
    catch: (cause) =>
      usageError(
        isPublished
          ? "--local: the stack on one machine is no part of the package: run this in a clone of the repository"
          : (cause as Error).message
      )
  })
  if (!isDataFolder(path))
    return yield* usageError(
      `--local: ${path} holds no data of a run: give the folder that was given to npm start -- --data`
    )
  const folder = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => openFolder(path), catch: (cause) => usageError((cause as Error).message) }),
    ({ close }) => Effect.promise(close)
  )
  const outputs = yield* readOutputs(path, JSON.stringify(folder.outputs))
  const { connection, offline } = folder
  return { name: `folder ${path}`, outputs, connection, who: localCaller(), ...(offline ? { offline } : {}) }
})

const targets = Layer.effect(
  StackTargets,
  Effect.map(ChildProcessSpawner.ChildProcessSpawner, (spawner) => ({
    stack: (name: string) =>
      stackByName(project)(name).pipe(Effect.provideService(ChildProcessSpawner.ChildProcessSpawner, spawner)),
    file: stackByFile,
    folder: openFolder
  }))
)

/** What is folded, or a sentence for why that is not known. */
const folded = await projectionsOf(process.cwd()).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(EXIT.error)
})

const stackSettings = Layer.effect(
  StackSettings,
  Effect.map(ChildProcessSpawner.ChildProcessSpawner, (spawner) => pulumiSettings(project, spawner))
)

const layer = Layer.mergeAll(
  screen,
  targets,
  stackSettings,
  sizing,
  Layer.succeed(Projections, folded.projections)
).pipe(Layer.provideMerge(NodeServices.layer))

run(process.argv.slice(2)).pipe(
  Effect.flatMap((code) =>
    Effect.sync(() => {
      process.exitCode = code
    })
  ),
  Effect.provide(layer),
  NodeRuntime.runMain
)
