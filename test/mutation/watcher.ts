import { workerData } from "node:worker_threads"
import { cpuNow } from "./failure.ts"
import { journalOf } from "./journal.ts"
import type { Watch } from "./watch.ts"

const { room, tried, everyMs }: Watch = workerData
const journal = journalOf(room)

setInterval(() => {
  const [id = 0, until = 0] = tried
  if (id === 0 || cpuNow() < until) return
  journal.write({ is: "hung", id })
  process.kill(process.pid, "SIGKILL")
}, everyMs)
