import { useEffect, useRef, useState } from "preact/hooks"
import type { Board } from "../board.ts"
import { TURN_S, type View } from "./address.ts"
import { compareAgents, GroupList } from "./agents.tsx"
import { Centre } from "./centre.tsx"
import { deviceNow, now, useNow } from "./clock.ts"
import type { Found } from "./find.ts"
import { groupsOf } from "./groups.ts"
import { LinkBadge } from "./link-badge.tsx"
import { Pipeline } from "./pipeline.tsx"
import { compareQueues, QueueTable } from "./queues.tsx"
import type { Link } from "./stream.ts"
import type { Theme } from "./theme.ts"
import { show } from "./view.ts"
import { capacityOf, pagesOf } from "./wall-pages.ts"

/** For so long after somebody has moved the pointer or pressed a key the page stays, ms. */
const HOLD_MS = 20_000

/** Fills the screen, and turns pages. A browser that does not let it fills its window. */
export const openWall = (): void => {
  show({ wall: TURN_S })
  document.documentElement.requestFullscreen?.().catch(() => {})
}

const closeWall = (): void => {
  show({ wall: 0 })
  if (document.fullscreenElement !== null) void document.exitFullscreen()
}

/** Which page is shown: the next one after a time, unless somebody holds it or has paused. */
const useTurning = (seconds: number, pages: number) => {
  const time = useNow()
  const [page, setPage] = useState(0)
  const [isPaused, pause] = useState(false)
  const turnsAt = useRef(deviceNow() + seconds * 1_000)
  const turn = (by: number) => {
    setPage((before) => (before + by + pages) % pages)
    turnsAt.current = deviceNow() + seconds * 1_000
  }
  const hold = () => {
    turnsAt.current = Math.max(turnsAt.current, deviceNow() + HOLD_MS)
  }
  const isOpen = document.querySelector("dialog[open]") !== null
  useEffect(() => {
    if (!isPaused && !isOpen && deviceNow() >= turnsAt.current) turn(1)
  }, [time])
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (document.querySelector("dialog[open]") !== null) return
      if (event.key === "Escape") return closeWall()
      if (event.key === " ") {
        event.preventDefault()
        return pause((before) => !before)
      }
      if (event.key === "ArrowRight") turn(1)
      if (event.key === "ArrowLeft") turn(-1)
      hold()
    }
    const left = () => {
      if (document.fullscreenElement === null) show({ wall: 0 })
    }
    addEventListener("keydown", listener)
    document.addEventListener("fullscreenchange", left)
    return () => {
      removeEventListener("keydown", listener)
      document.removeEventListener("fullscreenchange", left)
    }
  }, [pages, seconds])
  return { page: page % pages, isPaused, turn, hold, pause, left: Math.ceil((turnsAt.current - deviceNow()) / 1_000) }
}

const useSize = () => {
  const read = () => capacityOf(innerWidth, innerHeight)
  const [size, set] = useState(read)
  useEffect(() => {
    const listener = () => set(read())
    addEventListener("resize", listener)
    return () => removeEventListener("resize", listener)
  }, [])
  return size
}

interface WallProps {
  readonly board: Board
  readonly shown: Found
  readonly view: View
  readonly link: Link
  readonly heardAt: number
  readonly theme: Theme
}

/** The whole screen for a room: the figures stay, queues and agents come page by page. */
export const Wall = ({ board, shown, view, link, heardAt, theme }: WallProps) => {
  const at = now()
  const queues = shown.queues.toSorted(compareQueues(view.queues, board, at))
  const agents = shown.agents.toSorted(compareAgents(view.sort, board, at))
  const pages = pagesOf(queues, groupsOf(agents, shown.queues, board, view.group, at), useSize())
  const { page, isPaused, turn, hold, pause, left } = useTurning(view.wall, pages.length)
  const current = pages[page] ?? pages[0]
  return (
    <main class={`wall ${link === "live" ? "" : "stale"}`} onPointerMove={hold} aria-label="Wall">
      <h1 class="unseen">Wallboard</h1>
      <Centre board={board} queues={shown.queues} />
      <Pipeline board={board} theme={theme} curves={false} />
      <div class="wall-page" key={page} data-kind={current.kind}>
        {current.kind === "queues" ? (
          <QueueTable board={board} queues={current.queues} count={queues.length} view={view} opened={undefined} />
        ) : (
          <div class="people slim">
            {current.groups.map((group) => (
              <GroupList
                key={group.key}
                group={group}
                board={board}
                isSlim={true}
                isGrouped={view.group === "state"}
                opened={undefined}
              />
            ))}
          </div>
        )}
      </div>
      <footer>
        <LinkBadge link={link} heardAt={heardAt} />
        <p class="turns" aria-live="off">
          Page {page + 1} of {pages.length}
          {pages.length > 1 && (isPaused ? ", paused" : `, next in ${Math.max(0, left)} s`)}
        </p>
        <button type="button" class="plain" onClick={() => turn(-1)} aria-label="The page before">
          ←
        </button>
        <button type="button" class="plain" onClick={() => pause(!isPaused)} aria-pressed={isPaused}>
          {isPaused ? "Go on" : "Pause"}
        </button>
        <button type="button" class="plain" onClick={() => turn(1)} aria-label="The next page">
          →
        </button>
        <button type="button" class="plain" onClick={closeWall}>
          Leave
        </button>
      </footer>
    </main>
  )
}
