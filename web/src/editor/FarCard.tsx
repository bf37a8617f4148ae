/** A card seen from far away: its title, and its sockets where wires end. It is as tall as the near one. */
import type { CSSProperties } from "react";
import type { NodeDefinition } from "../graph/catalogue";
import type { GraphNode } from "../graph/document";
import { CardWords } from "./CardWords";
import { FieldSockets } from "./FieldSockets";
import type { CardState } from "./nodeState";
import { SocketRows } from "./SocketRows";

interface Props {
  readonly node: GraphNode;
  readonly definition: NodeDefinition | undefined;
  readonly height: number | undefined;
  readonly state: CardState;
  readonly tint: CSSProperties;
  readonly title: string;
}

export function FarCard({ node, definition, height, state, tint, title }: Props) {
  return (
    <article
      id={`card-${node.id}`}
      className="node-card far"
      data-state={state}
      data-folded={node.collapsed || undefined}
      style={{ ...tint, height }}
      aria-label={title}
    >
      <CardWords node={node} definition={definition} state={state} />
      <header className="node-title">
        <span className="node-name">{title}</span>
      </header>
      <SocketRows node={node} definition={definition} />
      <FieldSockets node={node} definition={definition} />
    </article>
  );
}
