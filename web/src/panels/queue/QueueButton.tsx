/** Opens the queue, and says how many jobs wait and run. */
import { ListOrdered } from "lucide-react";
import { perform } from "../../commands";
import { useQueue } from "../../store/queue";
import { useUi } from "../../store/ui";
import { t } from "../../words";

export function QueueButton() {
  const count = useQueue((state) => state.waiting.length + state.running.length);
  const open = useUi((state) => state.panel === "queue");
  return (
    <button
      type="button"
      className="queue-button"
      aria-pressed={open}
      aria-label={t("queue.button", { count })}
      onClick={() => perform("run.queue")}
    >
      <ListOrdered aria-hidden />
      {count > 0 && <span className="queue-count">{count}</span>}
    </button>
  );
}
