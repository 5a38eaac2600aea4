/** Ms from one look at a call that runs to the next. */
const TURN_MS = 50

/** CPU ms in which a process does little more than look. */
const QUIET_MS = 0.5

/** A turn in which a process worked counts this part of itself, or the CPU ms that it took. */
const WORKED = 0.1

/**
 * What a call threw, where it did not end well, and how many ms other processes kept this one from it. `isLate`: it was given up by what
 * it worked or waited, which other processes do not add to.
 */
export interface Outcome {
  readonly why?: string
  readonly isLate?: true
  readonly deniedMs: number
}

/** How long a call may wait while its process has nothing to do, and how long it may work. */
export interface Patience {
  readonly waitMs: number
  readonly cpuMs: number
}

const { setTimeout, clearTimeout } = globalThis

/** CPU ms of this process since it began. A busy machine makes them no more. */
export const cpuNow = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/**
 * Why `run` fails, if it does. It is too late once it has waited for `waitMs`, or worked for `cpuMs`. On a busy machine a process works
 * little in a long time, and is not late because of it.
 */
export const failure = async (run: () => unknown, { waitMs, cpuMs }: Patience): Promise<Outcome> => {
  let timer: NodeJS.Timeout | undefined
  let [waited, worked, deniedMs] = [0, 0, 0]
  let isLate = false
  let [began, before] = [performance.now(), cpuNow()]
  const look = () => {
    const [now, cpu] = [performance.now(), cpuNow()]
    const [wall, used] = [now - began, cpu - before]
    if (used < QUIET_MS) waited += Math.min(wall, TURN_MS)
    else worked += Math.max(used, WORKED * TURN_MS)
    deniedMs += Math.max(0, wall - TURN_MS - used)
    began = now
    before = cpu
  }
  const late = new Promise<never>((_, reject) => {
    const turn = () => {
      look()
      isLate = waited >= waitMs || worked >= cpuMs
      if (isLate) reject(new Error("too late"))
      else timer = setTimeout(turn, TURN_MS)
    }
    timer = setTimeout(turn, TURN_MS)
  })
  let why: string | undefined
  try {
    await Promise.race([run(), late])
  } catch (error) {
    why = String(error).slice(0, 80)
  } finally {
    clearTimeout(timer)
  }
  look()
  return { ...(why === undefined ? {} : { why }), ...(isLate ? { isLate } : {}), deniedMs }
}
