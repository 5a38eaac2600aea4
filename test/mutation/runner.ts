import { describe, TestRunner, vi } from "vitest"
import { explainedIn } from "./explained.ts"
import { cpuNow, failure, type Patience } from "./failure.ts"
import { journalOf, knownOf, unloadable } from "./journal.ts"
import { inRoot, ownTests, roomNamed, stampedFile } from "./rooms.ts"
import { watched } from "./watch.ts"

type Test = Parameters<TestRunner["onAfterTryTask"]>[0]

/** Calls of instrumented code after which a mutant is taken for one that never ends: these, and so many times those without it. */
const MORE_CALLS = 1_000_000
const CALLS_TIMES = 100

/** Mutants for which a file is loaded anew in one process, which keeps all of them in memory. */
const MOST_LOADS = 200

const { MUTATION_ROOM = "", MUTATION_LOADS, MUTATION_QUICK_MS = "Infinity", MUTATION_MOST_MS } = process.env
const isLoading = MUTATION_LOADS !== undefined
/** CPU ms of tests after which a mutant is left alone in this pass. */
const MOST_MS = Number(MUTATION_MOST_MS)
const room = roomNamed(MUTATION_ROOM)
const journal = journalOf(MUTATION_ROOM)
const watch = watched(MUTATION_ROOM)
const learned = knownOf(MUTATION_ROOM)
/** Those that need no more tests: killed, or explained. */
const dead = new Set([...learned.killed.keys(), ...learned.hung, ...explainedIn(room)])
const spent = new Map<number, number>()

const state = { active: 0, calls: 0, most: 0, inTest: false }
const hits = new Set<number>()
const outside = new Set<number>()

Object.assign(globalThis, {
  __mutant: (id: number): boolean => {
    state.calls++
    if (state.active === 0) {
      ;(state.inTest ? hits : outside).add(id)
      return false
    }
    if (state.calls > state.most) throw new Error("The mutant does not end.")
    return id === state.active
  }
})

/** What a run takes: ms, CPU ms, of which a busy machine makes no more, and calls of instrumented code. */
interface Cost {
  readonly ms: number
  readonly cpu: number
  readonly calls: number
}

const isOwn = ownTests(room)

/** Whether tests have taken enough of a mutant; otherwise it is charged for one more. Tests that have the name of its source go on. */
const isLeft = (id: number, file: string, { cpu }: Cost): boolean => {
  if (isOwn(file, id)) return false
  const sum = spent.get(id) ?? 0
  if (sum <= MOST_MS) spent.set(id, sum + cpu)
  return sum > MOST_MS
}

/** What a test may wait or work with a mutant, by what it took without. */
const patience = ({ ms }: Cost): Patience => ({ waitMs: 2_000 + 10 * ms, cpuMs: 5_000 + 10 * ms })

const FOR_EVER: Patience = { waitMs: 600_000, cpuMs: 600_000 }

/** What it takes at most to load a file. */
const LOAD: Cost = { ms: 5_500, cpu: 5_500, calls: 10_000 }

/** Ends this process; the next one goes on. */
const again = () => {
  journal.write({ is: "again" })
  process.exit()
}

/** Ms of other processes after which a failure may be theirs: tests have bounds of time of their own. */
const DENIED_MS = 500

const DENIED = "denied"

/** How often a mutant is tried until a test fails that other processes have left alone. */
const TRIES = 5

/** Mutants of which this process cannot say what loading or a test with them would have come to. */
const denied = new Set<number>()

/** Whether this process has tried a mutant, which may have left something behind. */
let isUsed = false

/** Why a test fails with a mutant, if it does. `DENIED`: it may be the machine. */
const withMutant = async (id: number, run: () => unknown, cost: Cost): Promise<string | undefined> => {
  isUsed = true
  for (let tries = 0; tries < TRIES; tries++) {
    watch.begin(id, 12_000 + 10 * cost.cpu)
    state.active = id
    state.calls = 0
    state.most = MORE_CALLS + CALLS_TIMES * cost.calls
    const { why, isLate, deniedMs } = await failure(run, patience(cost))
    state.active = 0
    watch.end()
    if (why === undefined || isLate || deniedMs < DENIED_MS) return why
  }
  denied.add(id)
  return DENIED
}

/** Whether a test fails without any mutant. */
const fails = async (run: () => unknown, cost: Cost): Promise<boolean> =>
  (await failure(run, patience(cost))).why !== undefined

const SUITE = "mutant "

/** The names of a test and of the suites around it, from the outermost on. */
const namesOf = (test: Test): ReadonlyArray<string> => {
  const names: Array<string> = []
  for (let at: { readonly name: string; readonly suite?: unknown } | undefined = test; at !== undefined; ) {
    names.unshift(at.name)
    at = at.suite as typeof at
  }
  return names
}

/** A test by its file and names, the same whatever mutant the file was loaded with. */
const nameOf = (test: Test): string =>
  [inRoot(test.file.filepath), ...namesOf(test).filter((name) => !name.startsWith(SUITE))].join(" > ")

/** The mutant that was there when the file of a test was loaded; 0 for none. */
const loadedWith = (test: Test): number =>
  Number(
    namesOf(test)
      .find((name) => name.startsWith(SUITE))
      ?.slice(SUITE.length) ?? 0
  )

const kill = (id: number, file: string, by: string) => {
  dead.add(id)
  journal.write({ is: "killed", id, in: stampedFile(file), by: `${file}: ${by}` })
}

/**
 * Runs each test as usual, and once more with each mutant that it reaches and no test before it has killed. With `MUTATION_LOADS`, it
 * loads each file anew for each mutant that is reached by loading it, and runs its tests with that. `MUTATION_QUICK_MS` leaves slower tests
 * for another pass.
 */
export default class extends TestRunner {
  override async importFile(path: string, source: Parameters<TestRunner["importFile"]>[1]): Promise<unknown> {
    const load = () => super.importFile(path, source)
    if (source !== "collect" || !isLoading) return load()
    const file = inRoot(path)
    vi.resetModules()
    outside.clear()
    const loaded = await load()
    const before = learned.loaded.get(stampedFile(file))
    const open = [...outside].filter((id) => !dead.has(id) && before?.has(id) !== true)
    for (const id of open.slice(0, MOST_LOADS))
      describe(`${SUITE}${id}`, async () => {
        vi.resetModules()
        const why = await withMutant(id, load, LOAD)
        if (why !== undefined && why !== DENIED) kill(id, file, "while it is loaded")
      })
    return loaded
  }

  private readonly costs = new Map<string, Cost>()

  async runTask(test: Test): Promise<void> {
    const run = TestRunner.getTestFn(test)
    const [file, name] = [inRoot(test.file.filepath), nameOf(test)]
    const id = loadedWith(test)
    if (id > 0) {
      const cost = this.costs.get(name)
      if (cost === undefined || dead.has(id) || isLeft(id, file, cost)) return
      const why = await withMutant(id, run, cost)
      if (why !== undefined && why !== DENIED) kill(id, file, test.name)
      return
    }
    hits.clear()
    state.inTest = true
    state.calls = 0
    const [began, before] = [performance.now(), cpuNow()]
    const { why: broken } = await failure(run, FOR_EVER)
    const cost = { ms: performance.now() - began, cpu: cpuNow() - before, calls: state.calls }
    state.inTest = false
    if (broken !== undefined) {
      if (!isLoading) journal.write({ is: "broken", in: stampedFile(file), test: name })
      // What mutants have left behind may fail it: it is asked once more in a process where none was tried before it.
      if (!isLoading && isUsed && !learned.broken.has(name)) again()
      throw new Error(broken)
    }
    this.costs.set(name, cost)
    if (!isLoading && cost.cpu <= Number(MUTATION_QUICK_MS)) await this.tryAll(test, run, cost)
  }

  private async tryAll(test: Test, run: () => unknown, cost: Cost): Promise<void> {
    const [file, name] = [inRoot(test.file.filepath), nameOf(test)]
    const before = learned.tried.get(name)
    const ids = [...hits].filter((id) => !dead.has(id) && before?.has(id) !== true)
    if (ids.length === 0 && !learned.broken.has(name)) return
    const [tried, killed]: [Array<number>, Array<number>] = [[], []]
    let isClean = true
    for (const id of ids) {
      if (isLeft(id, file, cost)) continue
      const why = await withMutant(id, run, cost)
      if (why === DENIED) continue
      tried.push(id)
      if (why === undefined) continue
      killed.push(id)
      kill(id, file, test.name)
      // What mutants leave behind fails the tests that follow as well. Where one did, each is asked.
      if (learned.stained.has(name)) isClean = !(await fails(run, cost))
      if (!isClean) break
    }
    if (isClean && killed.length > 0 && (await fails(run, cost))) {
      journal.write({ is: "revived", test: name, ids: killed })
      again()
    }
    journal.write({ is: "tried", in: stampedFile(file), test: name, ids: tried })
    if (!isClean) again()
  }

  override onAfterRunFiles(files: Parameters<TestRunner["onAfterRunFiles"]>[0]): void {
    const [first] = files
    if (first !== undefined) {
      const file = stampedFile(inRoot(first.filepath))
      if (first.tasks.length === 0) journal.write({ is: "broken", in: file, test: unloadable(file) })
      else if (isLoading) {
        const tried = first.tasks.flatMap(({ name }) =>
          name.startsWith(SUITE) ? [Number(name.slice(SUITE.length))] : []
        )
        journal.write({ is: "loaded", in: file, ids: tried.filter((id) => !denied.has(id)) })
        // The rest wants a process with more room.
        if (tried.length === MOST_LOADS) again()
      } else journal.write({ is: "outside", in: file, ids: [...outside].filter((id) => !dead.has(id)) })
    }
    super.onAfterRunFiles(files)
  }
}
