import { relative } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { instrument } from "./mutants.ts"
import { firstIds, narrowed, ROOT, roomNamed } from "./rooms.ts"

const { MUTATION_ROOM: room = "", MUTATION_NARROWED = "{}" } = process.env
const { sources, tests } = narrowed(room, JSON.parse(MUTATION_NARROWED))
const first = new Map([...firstIds(roomNamed(room))].filter(([file]) => sources.includes(file)))

/** The files in the order of the room: the cheap ones first. */
class InOrder extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const place = ({ moduleId }: TestSpecification) => tests.indexOf(relative(ROOT, moduleId))
    return files.sort((a, b) => place(a) - place(b))
  }
}

/** Runs the fast tests of the room `MUTATION_ROOM`, whose sources are instrumented as they are loaded. */
export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: "mutants",
      enforce: "pre",
      transform: (code, id) => {
        const file = relative(ROOT, id)
        const from = first.get(file)
        return from === undefined ? undefined : { code: instrument(file, code, from), map: null }
      }
    }
  ],
  resolve: {
    alias: ["projection", "testing"].map((name) => ({
      find: `genesys-cloud-projections/${name}`,
      replacement: `${ROOT}/src/${name}/index.ts`
    }))
  },
  test: {
    include: [...tests],
    env: { LANE: "fast" },
    runner: "./test/mutation/runner.ts",
    sequence: { sequencer: InOrder },
    reporters: ["dot"],
    silent: true,
    // It would give the code of another room, which has no mutants in it.
    fsModuleCache: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    dangerouslyIgnoreUnhandledErrors: true,
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1
  }
})
