/** The sockets of a card: inputs at the left, outputs at the right, one row each. */
import { memo } from "react";
import type { NodeDefinition } from "../graph/catalogue";
import type { GraphNode } from "../graph/document";
import { asText } from "../graph/json";
import { useInputRows } from "./nodeFacts";
import { Socket } from "./Socket";

interface Props {
  readonly node: GraphNode;
  readonly definition: NodeDefinition | undefined;
}

/** ComfyUI's number for the shape of an optional input. */
const OPTIONAL = 7;

export const SocketRows = memo(function SocketRows({ node, definition }: Props) {
  const id = String(node.id);
  const rows = useInputRows(node, definition);
  const optionals = new Set(definition?.inputs.filter((input) => !input.required).map((input) => input.name));
  if (rows.length === 0 && node.outputs.length === 0) return null;
  return (
    <div className="node-sockets">
      <div>
        {rows.map((slot) => {
          const input = node.inputs[slot];
          if (!input) return null;
          const optional = input.raw.shape === OPTIONAL || optionals.has(input.name);
          return (
            <div key={`${slot}-${input.name}`} className="socket-row">
              <Socket
                node={id}
                side="input"
                slot={slot}
                type={input.type}
                name={input.name}
                link={input.link}
                optional={optional}
              />
              <span className="socket-name">{asText(input.raw.label) || input.name}</span>
            </div>
          );
        })}
      </div>
      <div>
        {node.outputs.map((output, slot) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index.
          <div key={`${slot}-${output.name}`} className="socket-row output">
            <Socket
              node={id}
              side="output"
              slot={slot}
              type={output.type}
              name={output.name}
              link={output.links?.[0]}
            />
            <span className="socket-name">{asText(output.raw.label) || output.name}</span>
          </div>
        ))}
      </div>
    </div>
  );
});
