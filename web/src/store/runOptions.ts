/** How the Run button runs; kept per browser. */
import { create } from "zustand";
import { persist } from "zustand/middleware";
import { queueRuns } from "./queueing";
import { useRuns } from "./run";
import { activeDocument, useTabs } from "./tabs";

export const MOST_RUNS = 100;

/** Whether it runs by itself: when the document has changed, or again and again. */
export type Auto = "off" | "change" | "instant";

interface RunOptions {
  readonly count: number;
  readonly auto: Auto;
  /** Show pictures of work in progress. */
  readonly previews: boolean;
}

export const useRunOptions = create<RunOptions>()(
  persist((): RunOptions => ({ count: 1, auto: "off", previews: true }), {
    name: "ldm_nodes.run",
    partialize: ({ count, previews }) => ({ count, previews }),
  }),
);

export function setCount(count: number): void {
  useRunOptions.setState({ count: Math.max(1, Math.min(MOST_RUNS, Math.round(count) || 1)) });
}

export function setAuto(auto: Auto): void {
  useRunOptions.setState({ auto });
}

/** How long a document must have been left alone, in milliseconds. */
const CALM = 600;

/** Run by itself, as the options say. Nothing is queued while a run of the document waits or is at work. */
export function autoRun(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ran: unknown;

  function look(): void {
    const { auto } = useRunOptions.getState();
    const { phase } = useRuns.getState();
    clearTimeout(timer);
    if (auto === "off" || phase === "running" || phase === "queued") return;
    if (auto === "change" && ran === activeDocument()) return;
    timer = setTimeout(go, auto === "instant" ? 0 : CALM);
  }

  async function go(): Promise<void> {
    ran = activeDocument();
    if (!(await queueRuns()) && useRunOptions.getState().auto === "instant") setAuto("off");
    ran = activeDocument(); // seeds that went on are no change of the user's
  }

  const ends = [
    useTabs.subscribe((now, before) => activeDocument(now) !== activeDocument(before) && look()),
    useRuns.subscribe((now, before) => now.phase !== before.phase && look()),
    useRunOptions.subscribe((now, before) => now.auto !== before.auto && look()),
  ];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}
