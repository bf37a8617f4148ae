/** Asks the server to do something with a job, and says why where it will not. */
import { act, jobDetail, removeJob } from "../../api/jobs";
import { asObject, isObject } from "../../graph/json";
import { followJob } from "../../store/live";
import { clientId } from "../../store/ownJobs";
import { activeTab } from "../../store/tabs";
import { notify } from "../../store/ui";
import { t } from "../../words";
import { openGraph } from "../pictures/openGraph";

export async function asked(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    notify("bad", error instanceof Error ? error.message : String(error));
    return false;
  }
}

export function cancel(id: string): void {
  void asked(act(id, "cancel"));
}

/** Run it again; the document that is seen shows how it goes. */
export function retry(id: string): void {
  const tab = activeTab().id;
  void asked(act(id, "retry", { client_id: clientId() }).then((job) => followJob(job.id, tab)));
}

export function remove(id: string): void {
  void asked(removeJob(id));
}

export function prioritise(id: string, priority: number): void {
  void asked(act(id, "priority", { priority }));
}

/** Let a job run just before another, or last. */
export function moveBefore(id: string, before: string | null): Promise<boolean> {
  return asked(act(id, "move", { before }));
}

/** Open the graph that a job ran, as its author saw it where that was kept. */
export async function openJob(id: string): Promise<void> {
  await asked(
    jobDetail(id).then((detail) => {
      const carried = asObject(asObject(detail.extra_data).extra_pnginfo).workflow;
      return openGraph(
        isObject(carried) ? carried : asObject(detail.prompt),
        t("queue.graphName", { id: id.slice(0, 6) }),
      );
    }),
  );
}
