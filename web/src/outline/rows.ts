/** The outline as rows from top to bottom: nodes in the order in which they run; under each its sockets and its inside. */
import { canvasAt, type Document, type GraphNode, REROUTE, type Scope } from "../graph/document";
import { inOrder } from "../graph/order";
import { promptId } from "../graph/scope";

export interface OutlineRow {
  /** A node's prompt id; of its sockets with the socket's name. */
  readonly key: string;
  readonly kind: "node" | "input" | "output";
  readonly scope: Scope;
  readonly node: GraphNode;
  /** Of a socket. */
  readonly slot: number;
  readonly level: number;
  /** Its place among its siblings, from 1, and how many there are. */
  readonly place: number;
  readonly count: number;
  /** Whether what is under it is shown; undefined where there is nothing. */
  readonly open: boolean | undefined;
}

type Bare = Omit<OutlineRow, "place" | "count" | "level">;

/** @param open the keys of the rows under which one looks. */
export function rowsOf(document: Document, open: ReadonlySet<string>): OutlineRow[] {
  const rows: OutlineRow[] = [];
  const waiting = placed(nodesIn(document, [], open), 1).toReversed();
  for (let row = waiting.pop(); row; row = waiting.pop()) {
    rows.push(row);
    if (row.open) waiting.push(...placed(under(document, row, open), row.level + 1).toReversed());
  }
  return rows;
}

function placed(siblings: readonly Bare[], level: number): OutlineRow[] {
  return siblings.map((row, index) => ({ ...row, level, place: index + 1, count: siblings.length }));
}

function nodesIn(document: Document, scope: Scope, open: ReadonlySet<string>): Bare[] {
  return inOrder(canvasAt(document, scope))
    .filter((node) => node.type !== REROUTE)
    .map((node): Bare => {
      const key = promptId(scope, node.id);
      const isLeaf = sockets(scope, node).length === 0 && !document.subgraphs.has(node.type);
      return { key, kind: "node", scope, node, slot: -1, open: isLeaf ? undefined : open.has(key) };
    });
}

function under(document: Document, { scope, node }: OutlineRow, open: ReadonlySet<string>): Bare[] {
  const inside = document.subgraphs.has(node.type) ? nodesIn(document, [...scope, String(node.id)], open) : [];
  return [...sockets(scope, node), ...inside];
}

/** Sockets of fields are left out while no wire is in them: there the field has a value. */
function sockets(scope: Scope, node: GraphNode): Bare[] {
  const row = (kind: "input" | "output", slot: number): Bare => {
    const key = `${promptId(scope, node.id)}/${kind}-${slot}`;
    return { key, kind, scope, node, slot, open: undefined };
  };
  const inputs = node.inputs.flatMap((input, slot) =>
    input.widget !== undefined && input.link === null ? [] : [row("input", slot)],
  );
  return [...inputs, ...node.outputs.map((_, slot) => row("output", slot))];
}

/** The row of the node that a row belongs to. */
export function ownerKey({ scope, node }: OutlineRow): string {
  return promptId(scope, node.id);
}

/** Where a key of a tree leads: another row, or the same one open or closed. */
export type Move = { readonly to: string } | { readonly open: boolean } | undefined;

/** What ARIA's tree does on a key. */
export function moveFor(key: string, rows: readonly OutlineRow[], at: number): Move {
  const row = rows[at];
  const to = (index: number): Move => {
    const found = rows[index];
    return found && { to: found.key };
  };
  switch (key) {
    case "ArrowDown":
      return to(at + 1);
    case "ArrowUp":
      return to(at - 1);
    case "Home":
      return to(0);
    case "End":
      return to(rows.length - 1);
    case "ArrowRight":
      return row?.open === false ? { open: true } : row?.open ? to(at + 1) : undefined;
    case "ArrowLeft":
      return row?.open ? { open: false } : to(rows.findLastIndex((one, i) => i < at && one.level < (row?.level ?? 0)));
    default:
      return undefined;
  }
}
