/** The sockets of widgets that have wires, for a card that shows no fields: folded, or far away. */
import type { NodeDefinition } from "../graph/catalogue";
import type { GraphNode } from "../graph/document";
import { inputRows } from "./nodeFacts";
import { Socket } from "./Socket";

interface Props {
  readonly node: GraphNode;
  readonly definition: NodeDefinition | undefined;
}

export function FieldSockets({ node, definition }: Props) {
  const rows = new Set(inputRows(node, definition));
  const hidden = node.inputs.flatMap((input, slot) => (rows.has(slot) || input.link === null ? [] : [{ input, slot }]));
  if (hidden.length === 0) return null;
  return (
    <div className="field-sockets">
      {hidden.map(({ input, slot }) => (
        <Socket
          key={input.name}
          node={String(node.id)}
          side="input"
          slot={slot}
          type={input.type}
          name={input.name}
          link={input.link}
        />
      ))}
    </div>
  );
}
