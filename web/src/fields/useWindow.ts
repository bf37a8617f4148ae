/** Which rows of a long list are in sight. */
import { type RefObject, useEffect, useLayoutEffect, useState } from "react";

/** Rows that are drawn beyond those in sight. */
const BEYOND = 6;
/** Rows that are drawn before the list was measured. */
const GUESS = 14;

/** @param active the row that is kept in sight. */
export function useWindow(list: RefObject<HTMLElement | null>, count: number, height: number, active: number) {
  const [top, setTop] = useState(0);
  const [room, setRoom] = useState(GUESS * height);
  useEffect(() => {
    const box = list.current;
    const read = () => {
      setTop(box?.scrollTop ?? 0);
      setRoom(box?.clientHeight || GUESS * height);
    };
    read();
    box?.addEventListener("scroll", read, { passive: true });
    return () => box?.removeEventListener("scroll", read);
  }, [list, height]);
  useLayoutEffect(() => {
    const box = list.current;
    if (!box || count === 0) return;
    const at = active * height;
    if (at < box.scrollTop) box.scrollTop = at;
    else if (at + height > box.scrollTop + box.clientHeight) box.scrollTop = at + height - box.clientHeight;
  }, [list, count, height, active]);
  const first = Math.max(0, Math.floor(top / height) - BEYOND);
  return { first, last: Math.min(count, Math.ceil((top + room) / height) + BEYOND) };
}
