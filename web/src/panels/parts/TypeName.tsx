/** The name of a type, with its colour. */
import type { CSSProperties } from "react";
import { typeName } from "../../graph/document";
import type { Json } from "../../graph/json";

const COLOURED = new Set(["image", "mask", "latent", "model", "clip", "vae", "conditioning"]);

export function TypeName({ type }: { readonly type: Json }) {
  const name = typeName(type);
  const kind = name.toLowerCase();
  const colour = `var(--type-${COLOURED.has(kind) ? kind : "value"})`;
  return (
    <span className="type-name" style={{ "--type": colour } as CSSProperties}>
      {name}
    </span>
  );
}
