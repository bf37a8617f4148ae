/** How the instance of a subgraph fares: as the nodes inside it do, however deep they are. */
import type { NodePhase, NodeRun } from "./runState";

type Nodes = ReadonlyMap<string, NodeRun>;

/** Of phases inside, the first of these that there is tells that of the whole. */
const WEIGHTS: readonly NodePhase[] = ["failed", "running", "queued", "blocked", "done", "reused"];

const known = new WeakMap<Nodes, Nodes>();

/** How a node fares, by its prompt id, be it an instance or not. */
export function runAt(nodes: Nodes, id: string): NodeRun | undefined {
  return nodes.get(id) ?? wholes(nodes).get(id);
}

/** What is known of the nodes inside an instance, with their prompt ids. */
export function inside<T>(entries: ReadonlyMap<string, T>, instance: string): (readonly [id: string, T])[] {
  return [...entries].filter(([id]) => id.startsWith(`${instance}:`));
}

/** Of every instance that has nodes in a run. */
function wholes(nodes: Nodes): Nodes {
  const found = known.get(nodes) ?? made(nodes);
  known.set(nodes, found);
  return found;
}

function made(nodes: Nodes): Nodes {
  const parts = new Map<string, NodeRun[]>();
  for (const [id, run] of nodes) {
    for (let end = id.lastIndexOf(":"); end > 0; end = id.lastIndexOf(":", end - 1)) {
      const instance = id.slice(0, end);
      parts.set(instance, [...(parts.get(instance) ?? []), run]);
    }
  }
  return new Map([...parts].map(([instance, runs]) => [instance, whole(runs)]));
}

function whole(runs: readonly NodeRun[]): NodeRun {
  const phases = new Set(runs.map(({ phase }) => phase));
  const first = WEIGHTS.find((phase) => phases.has(phase)) ?? "queued";
  const isBetween = first === "queued" && phases.size > 1;
  const phase = isBetween ? "running" : first;
  const seconds = runs.reduce((sum, run) => sum + (run.seconds ?? 0), 0);
  const { value, total } = runs.find((run) => run.phase === "running") ?? {};
  return {
    phase,
    ...(seconds > 0 ? { seconds } : {}),
    ...(value === undefined ? {} : { value }),
    ...(total === undefined ? {} : { total }),
  };
}
