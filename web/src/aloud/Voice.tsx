/** The live region: unseen, and read out when its sentence changes. */
import { useEffect } from "react";
import { useSaid } from "./announce";
import { startAloud } from "./start";

export function Voice() {
  const { text, count } = useSaid();
  useEffect(startAloud, []);
  return (
    <div className="unseen" role="status" aria-live="polite" aria-atomic>
      <p key={count}>{text}</p>
    </div>
  );
}
