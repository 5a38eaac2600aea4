import { Agents } from "./agents.tsx"
import { Details } from "./details.tsx"
import { Figures } from "./figures.tsx"
import { Header } from "./header.tsx"
import { Queues } from "./queues.tsx"
import { useSubject } from "./route.ts"
import { useReceived } from "./stream.ts"
import { useTheme } from "./theme.ts"

export const App = () => {
  const { link, heardAt, board } = useReceived()
  const { theme, turn } = useTheme()
  const subject = useSubject()
  return (
    <>
      <Header link={link} heardAt={heardAt} figures={board?.figures} theme={theme} onTurn={turn} />
      {board === undefined ? (
        <p class="empty">Waiting for the first message of the run …</p>
      ) : (
        <main class={link === "live" ? undefined : "stale"}>
          <Figures board={board} theme={theme} />
          <Queues queues={board.queues} names={board.names} />
          <Agents agents={board.agents} names={board.names} />
        </main>
      )}
      {subject !== undefined && <Details key={`${subject.kind}/${subject.id}`} subject={subject} board={board} />}
    </>
  )
}
