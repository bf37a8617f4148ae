/** Puts the document that is seen into the server's queue, and shows what keeps it from running. */
import { postJson, Refused } from "../api/client";
import { act, jobDetail } from "../api/jobs";
import { hooked } from "../extension/registry";
import type { Document } from "../graph/document";
import { asObject, type JsonObject } from "../graph/json";
import { type Refusal, readRefusal, unconnected } from "../graph/problems";
import { type Remark, toPrompt } from "../graph/prompt";
import { promptId } from "../graph/scope";
import { writeDocument } from "../graph/writing";
import { t } from "../words";
import { useCatalogue } from "./catalogue";
import { clientId, disown, newId, own, ownJobs } from "./ownJobs";
import { usePreferences } from "./preferences";
import { useQueue } from "./queue";
import { changeRun, runOf } from "./run";
import { accepted } from "./runStanding";
import type { RunState } from "./runState";
import { advanceSeeds } from "./seeds";
import { activeTab, settleEdits, type Tab, useTabs } from "./tabs";
import { notify, useUi } from "./ui";

export interface Order {
  /** How many runs; between them seeds go on. */
  readonly count?: number;
  /** Before everything that waits. */
  readonly front?: boolean;
  /** Prompt ids of the nodes to run to; all outputs where left out. */
  readonly targets?: readonly string[];
}

/** Queue the document of the tab that is seen. Returns whether the server took it. */
export async function queueRuns(order: Order = {}): Promise<boolean> {
  settleEdits();
  const tab = activeTab();
  if (tab.history.present.canvas.nodes.size === 0) return false;
  const series = newId();
  for (let number = 0; number < (order.count ?? 1); number += 1) {
    if (!(await queueOne(tab.id, series, order))) return false;
  }
  return true;
}

/** Queue what leads to the selected nodes, and nothing else. */
export async function queueToSelection(): Promise<boolean> {
  const { selection, scope } = activeTab();
  return queueRuns({ targets: [...selection].map((id) => promptId(scope, id)) });
}

async function queueOne(tab: string, series: string, order: Order): Promise<boolean> {
  const found = tabNow(tab);
  if (!found) return false;
  const graph = await converted(found.history.present);
  if (graph.endless.length > 0) return refuse(tab, told(graph.endless));
  const missing = unconnected(graph.prompt, useCatalogue.getState().catalogue, order.targets);
  if (missing.runs === 0 && missing.nodes.size > 0) return refuse(tab, { nodes: missing.nodes, general: [] });
  const job = newId();
  own(job, tab, series);
  changeRun(tab, (run) => accepted(run, job)); // events of it may come before the answer
  try {
    const answer = await sent(job, bodyOf(job, graph, order));
    const refusal = readRefusal(answer, graph.prompt, useCatalogue.getState().catalogue);
    advanceSeeds(tab); // before marks are set: a change takes marks off
    changeRun(tab, (run) => withProblems(run, refusal));
    return true;
  } catch (error) {
    changeRun(tab, (run) => (run.jobId === job ? { ...run, jobId: null, phase: "idle" } : run));
    return notTaken(tab, job, graph.prompt, error);
  }
}

/** The server's answer. A browser may send a request again whose connection broke: then the job is there already. */
async function sent(job: string, body: JsonObject): Promise<unknown> {
  try {
    return await postJson("prompt", body);
  } catch (error) {
    const unexplained = error instanceof Refused && error.status === 400 && error.body === undefined;
    if (unexplained && (await jobDetail(job).catch(() => undefined))) return {};
    throw error;
  }
}

function notTaken(tab: string, job: string, prompt: JsonObject, error: unknown): boolean {
  if (!(error instanceof Refused)) {
    notify("bad", t("run.unreachable")); // it may have arrived all the same, so the job stays ours: its events will tell
    return false;
  }
  disown(job);
  const refusal = error.status === 400 ? readRefusal(error.body, prompt, useCatalogue.getState().catalogue) : undefined;
  if (refusal && refusal.nodes.size + refusal.general.length > 0) return refuse(tab, refusal);
  notify("bad", error.message);
  return false;
}

interface Converted {
  readonly prompt: JsonObject;
  readonly workflow: JsonObject;
  /** Why there is no prompt at all. */
  readonly endless: readonly Remark[];
}

async function converted(document: Document): Promise<Converted> {
  const { prompt, problems } = toPrompt(document, useCatalogue.getState().catalogue);
  const endless = Object.keys(prompt).length === 0;
  return {
    prompt: asObject(await hooked(asObject(prompt))),
    workflow: writeDocument(document),
    endless: endless ? problems : [],
  };
}

function bodyOf(job: string, { prompt, workflow }: Converted, { front, targets }: Order): JsonObject {
  const { previewMethod } = usePreferences.getState();
  return {
    prompt,
    prompt_id: job,
    client_id: clientId(),
    extra_data: {
      extra_pnginfo: { workflow },
      ...(previewMethod === "default" ? {} : { preview_method: previewMethod }),
    },
    ...(front ? { front } : {}),
    ...(targets ? { targets } : {}),
  };
}

function told(remarks: readonly Remark[]): Refusal {
  return { nodes: new Map(remarks.map(({ nodeId, message }) => [nodeId, [{ message }]])), general: [] };
}

/** Mark what is wrong and open the list of it. The run that was in sight stays. */
function refuse(tab: string, refusal: Refusal): boolean {
  changeRun(tab, (run) => withProblems(run, refusal));
  useUi.setState({ panel: "problems" });
  return false;
}

function withProblems(run: RunState, { nodes, general }: Refusal): RunState {
  return { ...run, checked: nodes, problems: nodes, general };
}

function tabNow(id: string): Tab | undefined {
  return useTabs.getState().tabs.find((tab) => tab.id === id);
}

/** Stop what this document has asked for: the run in sight, and with it those that wait. */
export async function cancelRuns(tab: string = activeTab().id): Promise<void> {
  const { waiting, running } = useQueue.getState();
  const busy = new Set([...waiting, ...running]);
  const shown = runOf(tab).jobId;
  const jobs = ownJobs().filter((job) => job.tab === tab && (busy.has(job.job) || (job.job === shown && !job.over)));
  // Those that wait first, or the next would begin when the one at work ends.
  const order = [...jobs].sort((one, other) => Number(one.job === shown) - Number(other.job === shown));
  for (const { job } of order) await act(job, "cancel").catch((error: Error) => notify("bad", error.message));
}
