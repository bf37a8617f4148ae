/** The socket of a widget, for the left edge of its field: a wire in it takes the place of the value. */
import type { GraphNode } from "../graph/document";
import type { Json } from "../graph/json";
import { Socket } from "./Socket";

interface Props {
  readonly node: GraphNode;
  /** The widget's name, which is the input's. */
  readonly name: string;
  readonly type: Json;
}

export function FieldSocket({ node, name, type }: Props) {
  const slot = node.inputs.findIndex((input) => input.widget === name);
  const input = node.inputs[slot];
  return (
    <Socket
      node={String(node.id)}
      side="input"
      slot={input ? slot : undefined}
      widget={name}
      name={name}
      type={type}
      link={input?.link}
      optional
    />
  );
}
