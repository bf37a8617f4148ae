/** A place in the page that a pack fills. */
import { useEffect, useRef } from "react";
import { guarded } from "./guard";

interface Props {
  readonly pack: string;
  readonly what: string;
  /** Fill the element; what comes back is called before it goes. */
  readonly fill: (host: HTMLElement) => undefined | (() => void);
  readonly className?: string;
}

export function Mount({ pack, what, fill, className }: Props) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const clean = guarded(pack, what, () => fill(element));
    return () => {
      if (clean) guarded(pack, what, clean);
      element.replaceChildren();
    };
  }, [pack, what, fill]);
  return <div ref={host} className={className} />;
}
