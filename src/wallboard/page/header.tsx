import type { Figures } from "../board.ts"
import { count, duration } from "../view/numbers.ts"
import { BADGES, LinkBadge } from "./link-badge.tsx"
import type { Link } from "./stream.ts"
import type { Theme } from "./theme.ts"
import { openWall } from "./wall.tsx"

const runText = ({ run, settleWindowMs, reading, day }: Figures): string =>
  [
    `stack ${run.stack}`,
    ...(run.seed === undefined ? [] : [`seed ${run.seed}`]),
    ...(run.rate === undefined ? [] : [`${count(run.rate)} events/s asked for`]),
    `rows settle ${settleWindowMs / 1_000} s after the event`,
    ...(day === undefined ? [] : [`today by ${day.timeZone}`]),
    ...(run.elapsed === undefined ? [] : [`up ${duration(run.elapsed)}`]),
    ...(reading === undefined ? [] : ["read only"])
  ].join(" · ")

const Run = (figures: Figures) => (
  <p class="run" title={runText(figures)}>
    {runText(figures)}
  </p>
)

const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect class="low" x="3" y="15" width="6" height="14" rx="3" />
    <rect class="high" x="13" y="3" width="6" height="26" rx="3" />
    <rect class="mid" x="23" y="9" width="6" height="20" rx="3" />
  </svg>
)

export const Header = (props: {
  readonly link: Link
  readonly heardAt: number
  readonly figures: Figures | undefined
  readonly theme: Theme
  readonly onTurn: () => void
}) => {
  const { link, heardAt, figures, theme, onTurn } = props
  return (
    <header class="top">
      <Mark />
      <div class="title">
        <h1>Wallboard</h1>
        {figures !== undefined && <Run {...figures} />}
      </div>
      <p class="unseen" aria-live="polite">
        {BADGES[link].text}
      </p>
      <LinkBadge link={link} heardAt={heardAt} />
      <button type="button" class="plain to-wall" onClick={openWall}>
        Wall mode
      </button>
      <button
        type="button"
        class="turn"
        onClick={onTurn}
        aria-label={`Use the ${theme === "dark" ? "light" : "dark"} theme`}
      >
        {theme === "dark" ? "☀" : "☾"}
      </button>
    </header>
  )
}
