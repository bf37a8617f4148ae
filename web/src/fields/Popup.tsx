/** A box over everything else, beside what opened it. It closes by Escape, by a press elsewhere, and when the page moves. */
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";

/** Pixels between the box, what opened it, and the edges of the page. */
const GAP = 4;
const EDGE = 8;

interface Props {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Popup({ anchor, onClose, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const shown = box.current;
    if (shown && !shown.matches(":popover-open")) shown.showPopover();
    if (shown && anchor.current) place(shown, anchor.current.getBoundingClientRect());
  });
  useEffect(() => {
    const onPress = (event: Event) => {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !anchor.current?.contains(target)) onClose();
    };
    document.addEventListener("pointerdown", onPress, true);
    document.addEventListener("wheel", onPress, true);
    window.addEventListener("resize", onClose);
    return () => {
      document.removeEventListener("pointerdown", onPress, true);
      document.removeEventListener("wheel", onPress, true);
      window.removeEventListener("resize", onClose);
    };
  }, [anchor, onClose]);
  return createPortal(
    <div ref={box} popover="manual" className="popup">
      {children}
    </div>,
    document.body,
  );
}

/** Below what opened it, or above where there is more room. */
function place(box: HTMLElement, at: DOMRect): void {
  box.style.minWidth = `${Math.min(Math.max(at.width, 240), window.innerWidth - 2 * EDGE)}px`;
  const below = window.innerHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  const isBelow = below >= Math.min(box.scrollHeight, 320) || below >= above;
  box.style.maxHeight = `${Math.max(160, isBelow ? below : above)}px`;
  const height = box.offsetHeight;
  box.style.left = `${Math.max(EDGE, Math.min(at.left, window.innerWidth - box.offsetWidth - EDGE))}px`;
  box.style.top = `${Math.max(EDGE, isBelow ? at.bottom + GAP : at.top - GAP - height)}px`;
}
