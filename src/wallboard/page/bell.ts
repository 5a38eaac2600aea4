import { useEffect, useState } from "preact/hooks"

/** What tells components to draw again: `ring` does, and those that called `useRing` do. */
export const makeBell = () => {
  const listeners = new Set<() => void>()
  return {
    ring: (): void => {
      for (const listener of listeners) listener()
    },
    useRing: (): void => {
      const [, again] = useState(0)
      useEffect(() => {
        const listener = () => again((n) => n + 1)
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      }, [])
    }
  }
}
