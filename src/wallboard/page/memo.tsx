import { Component, type ComponentType, type FunctionComponent } from "preact"

const differ = (a: object, b: object): boolean => {
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return Object.keys({ ...one, ...other }).some((name) => one[name] !== other[name])
}

/** The component, drawn again only when one of its properties is another value. */
export const memo = <P extends object>(Of: FunctionComponent<P>): ComponentType<P> =>
  class extends Component<P> {
    override shouldComponentUpdate(next: P) {
      return differ(this.props, next)
    }
    render() {
      return <Of {...(this.props as P)} />
    }
  }
