import { count, duration } from "../../view/numbers.ts"
import type { Figures } from "../board.ts"
import { deviceNow, useNow } from "./clock.ts"
import type { Link } from "./stream.ts"
import type { Theme } from "./theme.ts"

interface Badge {
  readonly tone: string
  readonly text: string
}

const BADGES: Readonly<Record<Link, Badge>> = {
  connecting: { tone: "warn", text: "Connecting" },
  live: { tone: "good", text: "Live" },
  lost: { tone: "bad", text: "Reconnecting" },
  ended: { tone: "bad", text: "The run has ended" }
}

const ageText = (heardAt: number): string => {
  const age = deviceNow() - heardAt
  return age < 2_000 ? "now" : `data ${duration(age)} old`
}

const LinkBadge = ({ link, heardAt }: { readonly link: Link; readonly heardAt: number }) => {
  useNow()
  const { tone, text } = BADGES[link]
  return (
    <div class={`badge tone-${tone}`} data-link={link}>
      <span class="dot" aria-hidden="true" />
      <strong>{text}</strong>
      {heardAt > 0 && <span class="age">{ageText(heardAt)}</span>}
    </div>
  )
}

const Run = ({ run, settleWindowMs }: Figures) => (
  <p class="run">
    stack {run.stack} · seed {run.seed} · {count(run.rate)} events/s asked for · rows settle {settleWindowMs / 1_000} s
    after the event · up {duration(run.elapsed)}
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
