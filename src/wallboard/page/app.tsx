import { Agents } from "./agents.tsx"
import { Centre } from "./centre.tsx"
import { Details } from "./details.tsx"
import { found } from "./find.ts"
import { Header } from "./header.tsx"
import { Pipeline } from "./pipeline.tsx"
import { Queues } from "./queues.tsx"
import { useSubject } from "./route.ts"
import { useReceived } from "./stream.ts"
import { useTheme } from "./theme.ts"
import { Tools } from "./tools.tsx"
import { useView } from "./view.ts"
import { Wall } from "./wall.tsx"

export const App = () => {
  const { link, heardAt, board } = useReceived()
  const { theme, turn } = useTheme()
  const subject = useSubject()
  const view = useView()
  const shown = board === undefined ? undefined : found(board, view)
  const details = subject !== undefined && (
    <Details key={`${subject.kind}/${subject.id}`} subject={subject} board={board} />
  )
  if (view.wall > 0 && board !== undefined && shown !== undefined)
    return (
      <>
        <Wall board={board} shown={shown} view={view} link={link} heardAt={heardAt} theme={theme} />
        {details}
      </>
    )
  return (
    <>
      <Header link={link} heardAt={heardAt} figures={board?.figures} theme={theme} onTurn={turn} />
      {board === undefined || shown === undefined ? (
        <p class="empty">Waiting for the first message …</p>
      ) : (
        <main class={`${link === "live" ? "" : "stale"} ${subject === undefined ? "" : "beside"}`}>
          <Centre board={board} queues={shown.queues} />
          <Pipeline board={board} theme={theme} curves={view.curves} />
          <Tools board={board} shown={shown} view={view} />
          <Queues board={board} queues={shown.queues} view={view} opened={subject?.id} />
          <Agents board={board} agents={shown.agents} queues={shown.queues} view={view} opened={subject?.id} />
        </main>
      )}
      {details}
    </>
  )
}
