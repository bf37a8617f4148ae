/** A document at a glance: its nodes as boxes, its wires as lines. */
import type { Document, GraphNode } from "../../graph/document";

const MARGIN = 40;

export function GraphSketch({ document, label }: { readonly document: Document; readonly label: string }) {
  const { nodes, links } = document.canvas;
  const list = [...nodes.values()];
  if (list.length === 0) return <div className="sketch sketch-empty" role="img" aria-label={label} />;
  const left = Math.min(...list.map(({ pos }) => pos[0])) - MARGIN;
  const top = Math.min(...list.map(({ pos }) => pos[1])) - MARGIN;
  const right = Math.max(...list.map(({ pos, size }) => pos[0] + size[0])) + MARGIN;
  const bottom = Math.max(...list.map(({ pos, size }) => pos[1] + size[1])) + MARGIN;
  return (
    <svg className="sketch" role="img" aria-label={label} viewBox={`${left} ${top} ${right - left} ${bottom - top}`}>
      {[...links.values()].map(({ id, origin, target }) => (
        <Wire key={id} from={nodes.get(String(origin))} to={nodes.get(String(target))} />
      ))}
      {list.map(({ id, pos, size, color }) => (
        <rect key={id} x={pos[0]} y={pos[1]} width={size[0]} height={size[1]} rx={12} fill={color} />
      ))}
    </svg>
  );
}

function Wire({ from, to }: { readonly from: GraphNode | undefined; readonly to: GraphNode | undefined }) {
  if (!from || !to) return null;
  const start = [from.pos[0] + from.size[0], from.pos[1] + from.size[1] / 2];
  const end = [to.pos[0], to.pos[1] + to.size[1] / 2];
  return <line x1={start[0]} y1={start[1]} x2={end[0]} y2={end[1]} vectorEffect="non-scaling-stroke" />;
}
