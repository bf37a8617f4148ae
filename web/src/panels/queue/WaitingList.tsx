/** What waits, the next first; put in order by dragging, or by the keys of a row's buttons. */
import { ArrowDown, ArrowUp, ChevronsUp, GripVertical } from "lucide-react";
import { useRef, useState } from "react";
import { reorder, useQueue } from "../../store/queue";
import { t } from "../../words";
import { moveBefore, prioritise } from "./doing";
import { Action, JobRow } from "./JobRow";

const HIGHER = 10;

export function WaitingList() {
  const waiting = useQueue((state) => state.waiting);
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const move = (id: string, before: string | null) => reorder(id, before, () => moveBefore(id, before));
  const step = async (id: string, by: 1 | -1) => {
    const at = waiting.indexOf(id);
    await move(id, (by < 0 ? waiting[at - 1] : waiting[at + 2]) ?? null);
    list.current?.querySelector<HTMLElement>(`[data-job="${id}"] [data-by="${by}"]`)?.focus();
  };
  const drop = (before: string | null) => {
    if (dragged !== null && dragged !== before) void move(dragged, before);
    setDragged(null);
    setOver(null);
  };
  return (
    <ul className="queue-rows" aria-label={t("queue.waiting")} ref={list}>
      {waiting.map((id, at) => (
        <li
          key={id}
          data-job={id}
          className={id === over ? "queue-drop" : undefined}
          draggable
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("text/plain", id);
            setDragged(id);
          }}
          onDragOver={(event) => {
            if (dragged === null) return;
            event.preventDefault();
            setOver(id);
          }}
          onDrop={(event) => {
            event.preventDefault();
            drop(id);
          }}
          onDragEnd={() => drop(dragged)}
        >
          <GripVertical aria-hidden className="queue-grip" />
          <ul className="queue-one">
            <JobRow id={id}>
              <span data-by="-1">
                <Action icon={ArrowUp} word="queue.earlier" disabled={at === 0} act={() => step(id, -1)} />
              </span>
              <Action
                icon={ArrowDown}
                word="queue.later"
                disabled={at === waiting.length - 1}
                act={() => step(id, 1)}
              />
              <Action icon={ChevronsUp} word="queue.raise" act={() => prioritise(id, HIGHER)} />
            </JobRow>
          </ul>
        </li>
      ))}
    </ul>
  );
}
