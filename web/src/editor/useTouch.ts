/**
 * A long press opens the menu that a right click opens: some browsers tell of it, others do not.
 *
 * It listens on the way in, because whoever drags a card keeps its touches to himself.
 */
import { type TouchEvent, useMemo, useRef } from "react";
import { openMenuFor } from "./menus";

const HOLD = 500;
const TREMBLE = 10;

export function useLongPress() {
  const press = useRef<{ timer: number; x: number; y: number } | undefined>(undefined);
  return useMemo(() => {
    const cancel = () => {
      window.clearTimeout(press.current?.timer);
      press.current = undefined;
    };
    return {
      onTouchStartCapture: (event: TouchEvent) => {
        cancel();
        const touch = event.touches[0];
        if (!touch || event.touches.length > 1) return;
        const { clientX: x, clientY: y, target } = touch;
        const timer = window.setTimeout(() => openMenuFor(nameOf(target), x, y), HOLD);
        press.current = { timer, x, y };
      },
      onTouchMoveCapture: (event: TouchEvent) => {
        const touch = event.touches[0];
        const start = press.current;
        if (touch && start && Math.hypot(touch.clientX - start.x, touch.clientY - start.y) > TREMBLE) cancel();
      },
      onTouchEndCapture: cancel,
      onTouchCancelCapture: cancel,
    };
  }, []);
}

/** What was touched, as the selection names it. */
function nameOf(target: EventTarget): string | undefined {
  return target instanceof Element
    ? target.closest<HTMLElement>(".react-flow__node, .react-flow__edge")?.dataset.id
    : undefined;
}
