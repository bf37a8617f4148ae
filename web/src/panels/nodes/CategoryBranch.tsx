/** A category that opens and closes; what is in it is made when it is opened. */
import { useState } from "react";
import type { Category } from "../../graph/categories";
import { NodeRow } from "./NodeRow";

/** Deeper categories than that stand on the edge of the last: names of packs may have any number of parts. */
const DEEPEST = 6;

export function CategoryBranch({ category, depth }: { readonly category: Category; readonly depth: number }) {
  const [open, setOpen] = useState(false);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="node-category">
      <summary>
        {category.name.replace(/^_/, "").replaceAll("_", " ")}
        <span className="quiet">{category.count}</span>
      </summary>
      {open && (
        <div className={depth < DEEPEST ? "node-branch" : ""}>
          {category.inner.map((inner) => (
            <CategoryBranch key={inner.path} category={inner} depth={depth + 1} />
          ))}
          {category.nodes.map((definition) => (
            <NodeRow key={definition.name} definition={definition} words={[]} />
          ))}
        </div>
      )}
    </details>
  );
}
