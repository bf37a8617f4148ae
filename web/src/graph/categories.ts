/** The tree of nodes by their categories. */
import type { NodeDefinition } from "./catalogue";

export interface Category {
  /** Such as `latent/inpaint`; empty for the root. */
  readonly path: string;
  readonly name: string;
  readonly inner: readonly Category[];
  readonly nodes: readonly NodeDefinition[];
  /** How many nodes there are in it and below. */
  readonly count: number;
}

/** Categories that begin with an underscore are for trying out: they stand last. */
export function categoryTree(definitions: Iterable<NodeDefinition>): Category {
  const nodes = new Map<string, NodeDefinition[]>();
  const inner = new Map<string, Set<string>>();
  for (const definition of definitions) {
    const parts = definition.category.split("/").filter(Boolean);
    parts.forEach((part, depth) => {
      const parent = parts.slice(0, depth).join("/");
      inner.set(parent, (inner.get(parent) ?? new Set()).add(part));
    });
    const path = parts.join("/");
    nodes.set(path, [...(nodes.get(path) ?? []), definition]);
  }
  return build("", nodes, inner);
}

/** Built from the deepest up, without recursion: a category's path is longer than its parent's. */
function build(
  root: string,
  nodes: ReadonlyMap<string, readonly NodeDefinition[]>,
  inner: ReadonlyMap<string, ReadonlySet<string>>,
): Category {
  const paths = [root, ...[...inner].flatMap(([parent, names]) => [...names].map((name) => joined(parent, name)))];
  const depth = (path: string) => (path === root ? 0 : path.split("/").length);
  const made = new Map<string, Category>();
  for (const path of paths.toSorted((left, right) => depth(right) - depth(left))) {
    const below = [...(inner.get(path) ?? [])].flatMap((name) => made.get(joined(path, name)) ?? []);
    const own = (nodes.get(path) ?? []).toSorted((left, right) => order(left.title, right.title));
    const count = own.length + below.reduce((sum, category) => sum + category.count, 0);
    const name = path.split("/").at(-1) ?? "";
    made.set(path, {
      path,
      name,
      inner: below.toSorted((left, right) => order(left.name, right.name)),
      nodes: own,
      count,
    });
  }
  return made.get(root) ?? { path: root, name: "", inner: [], nodes: [], count: 0 };
}

function joined(parent: string, name: string): string {
  return parent ? `${parent}/${name}` : name;
}

function order(left: string, right: string): number {
  return Number(left.startsWith("_")) - Number(right.startsWith("_")) || left.localeCompare(right);
}
