import { byNeed, LONG_WAIT, waitingOf } from "../../view/need.ts"
import { count, duration, shortId } from "../../view/numbers.ts"
import { rankOf, toneOf } from "../../view/states.ts"
import { type Board, nameIn, type QueueCard } from "../board.ts"
import { useNow } from "./clock.ts"
import { memo } from "./memo.tsx"
import { hrefOf } from "./route.ts"

/** The word stands beside the title: beside the time there is no room for it. */
const Oldest = ({ at }: { readonly at: number | undefined }) => {
  const now = useNow()
  if (at === undefined)
    return (
      <div>
        <dt>oldest</dt>
        <dd class="value none">–</dd>
      </div>
    )
  const waited = now - at
  const [tone, word] = waited > LONG_WAIT[1] ? ["bad", "too long"] : waited > LONG_WAIT[0] ? ["warn", "long"] : ["", ""]
  const toned = tone === "" ? "" : `tone-${tone}`
  return (
    <div>
      <dt>
        oldest
        {word !== "" && <em class={toned}>{word}</em>}
      </dt>
      <dd class={`value since ${toned}`}>{duration(waited)}</dd>
    </div>
  )
}

const statesOf = ({ states }: QueueCard) => Object.entries(states).sort(([a], [b]) => rankOf(a) - rankOf(b))

const Members = ({ queue }: { readonly queue: QueueCard }) => {
  const states = statesOf(queue)
  if (states.length === 0) return <p class="members">no members</p>
  return (
    <>
      <div class="bar" aria-hidden="true">
        {states.map(([state, number]) => (
          <span key={state} class={`fill-${toneOf(state)}`} style={{ flexGrow: number }} />
        ))}
      </div>
      <p class="members">
        {states.map(([state, number]) => (
          <span key={state} class={`tone-${toneOf(state)}`}>
            <b>{number}</b> {state}
          </span>
        ))}
      </p>
    </>
  )
}

const mediaText = ({ waiting }: QueueCard): string =>
  Object.entries(waiting)
    .map(([medium, number]) => `${number} ${medium.toLowerCase()}`)
    .join(" · ")

const Queue = memo(({ queue, name }: { readonly queue: QueueCard; readonly name: string | undefined }) => {
  const waiting = waitingOf(queue)
  return (
    <li>
      <a class="queue" href={hrefOf({ kind: "queues", id: queue.queueId })}>
        <h3>
          <span class="who">
            {name !== undefined && (
              <b class="name" title={name}>
                <bdi>{name}</bdi>
              </b>
            )}
            <code>{shortId(queue.queueId)}</code>
          </span>
          <span>{waiting === 0 ? "nobody waits" : mediaText(queue)}</span>
        </h3>
        <dl>
          <div>
            <dt>waiting</dt>
            <dd class={waiting === 0 ? "value none" : "value"}>{count(waiting)}</dd>
          </div>
          <Oldest at={queue.oldestWaitingSince} />
          {(["alerting", "interacting", "wrapup"] as const).map((phase) => (
            <div key={phase}>
              <dt>{phase}</dt>
              <dd class={queue[phase] === 0 ? "value none" : "value"}>{count(queue[phase])}</dd>
            </div>
          ))}
        </dl>
        <Members queue={queue} />
      </a>
    </li>
  )
})

export const Queues = ({ queues, names }: Pick<Board, "queues" | "names">) => {
  const waiting = queues.reduce((sum, queue) => sum + waitingOf(queue), 0)
  return (
    <section class="queues" aria-labelledby="queues-title">
      <div class="bar-of-title">
        <h2 id="queues-title">
          Queues <span>{count(queues.length)}</span>
        </h2>
        <p>{count(waiting)} waiting</p>
      </div>
      <ul>
        {queues.toSorted(byNeed).map((queue) => (
          <Queue key={queue.queueId} queue={queue} name={nameIn(names, queue.queueId)} />
        ))}
      </ul>
    </section>
  )
}
