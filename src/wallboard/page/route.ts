import { useEffect, useState } from "preact/hooks"

/** What the details are shown of. */
export interface Subject {
  readonly kind: "agents" | "queues"
  readonly id: string
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const read = (): Subject | undefined => {
  const [, kind, id = ""] = /^#(agents|queues)\/(.+)$/.exec(location.hash) ?? []
  return kind === undefined ? undefined : { kind: kind as Subject["kind"], id: decoded(id) }
}

export const hrefOf = ({ kind, id }: Subject): string => `#${kind}/${encodeURIComponent(id)}`

/** Leaves the address as it is without details. */
export const leave = (): void => {
  history.pushState(undefined, "", location.pathname + location.search)
  dispatchEvent(new HashChangeEvent("hashchange"))
}

/** What the address names, so that it can be sent to somebody and the browser's ways back and forth work. */
export const useSubject = (): Subject | undefined => {
  const [subject, set] = useState(read)
  useEffect(() => {
    const listener = () => set(read())
    addEventListener("hashchange", listener)
    addEventListener("popstate", listener)
    return () => {
      removeEventListener("hashchange", listener)
      removeEventListener("popstate", listener)
    }
  }, [])
  return subject
}
