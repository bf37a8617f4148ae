/** Something on top of the page that goes away when its user turns to something else. It is not modal. */
import { type CSSProperties, type FocusEvent, type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import type { Point } from "../../graph/document";

interface Props {
  readonly label: string;
  readonly className: string;
  /** Where on the screen its corner should be, as far as it fits; left out, the style decides. */
  readonly at?: Point | undefined;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Popup({ label, className, at, onClose, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useFocusBack();
  useEffect(() => {
    const press = (event: PointerEvent) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) onClose();
    };
    window.addEventListener("pointerdown", press, true);
    return () => window.removeEventListener("pointerdown", press, true);
  }, [onClose]);
  const leave = (event: FocusEvent) => {
    if (event.relatedTarget instanceof Node && !box.current?.contains(event.relatedTarget)) onClose();
  };
  const hear = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    onClose();
  };
  const place = at ? ({ "--x": `${at[0]}px`, "--y": `${at[1]}px` } as CSSProperties) : undefined;
  return (
    <div
      ref={box}
      className={`floating ${className} ${at ? "floating-placed" : ""}`}
      style={place}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      onBlur={leave}
      onKeyDown={hear}
    >
      {children}
    </div>
  );
}

/** When this is gone, the focus is where it was before, unless it was taken elsewhere meanwhile. */
export function useFocusBack(): void {
  const before = useRef(document.activeElement);
  useEffect(() => {
    const element = before.current;
    return () => {
      const lost = document.activeElement === document.body || document.activeElement === null;
      if (lost && element instanceof HTMLElement && element.isConnected) element.focus({ preventScroll: true });
    };
  }, []);
}
