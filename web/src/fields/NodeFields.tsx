/** The fields of a node's card, in the order of its class; those for experts are folded away. */
import { ChevronDown, ChevronRight } from "lucide-react";
import { type ComponentType, memo } from "react";
import { create } from "zustand";
import type { NodeDefinition } from "../graph/catalogue";
import type { GraphNode } from "../graph/document";
import { equal } from "../graph/equal";
import type { Json } from "../graph/json";
import { readValues } from "../graph/widgetValues";
import { t } from "../words";
import { Doubtful } from "./Doubtful";
import { FieldOf } from "./Field";
import { type Row, rowsOf } from "./rows";
import { type Place, usePlace } from "./writing";
import "../styles/fields.css";

/** What draws the socket of a field. */
export type SocketOfField = ComponentType<{ readonly node: GraphNode; readonly name: string; readonly type: Json }>;

interface Props {
  readonly node: GraphNode;
  readonly definition: NodeDefinition;
  readonly promptId: string;
  /** Draws the socket of each field; left out where there are no wires, as in a form. */
  readonly Socket?: SocketOfField;
  /** Leave out fields whose value a wire brings. */
  readonly unwired?: boolean;
}

/** Which nodes show the fields for experts too, for as long as the page is open. */
const useUnfolded = create<{ readonly ids: ReadonlySet<string> }>(() => ({ ids: new Set() }));

export const NodeFields = memo(function NodeFields({ node, definition, promptId, Socket, unwired = false }: Props) {
  const place = usePlace(promptId, definition);
  const isUnfolded = useUnfolded((state) => state.ids.has(promptId));
  const rows = unwired ? freeRows(node, definition) : rowsOf(definition);
  const plain = rows.filter((row) => !isFolded(row, node, place));
  const folded = rows.filter((row) => !plain.includes(row));
  if (rows.length === 0) return null;
  return (
    <div className="node-fields">
      <Doubtful node={node} place={place} />
      <Rows rows={plain} node={node} place={place} Socket={Socket} />
      {folded.length > 0 && (
        <button
          type="button"
          className="field-fold nodrag nopan"
          aria-expanded={isUnfolded}
          onClick={() => toggle(promptId)}
        >
          {isUnfolded ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
          {isUnfolded ? t("field.fewer") : t("field.advanced", { count: folded.length })}
        </button>
      )}
      {isUnfolded && <Rows rows={folded} node={node} place={place} Socket={Socket} />}
    </div>
  );
});

/** The fields that have a value of their own. */
export function freeRows(node: GraphNode, definition: NodeDefinition): readonly Row[] {
  return rowsOf(definition).filter((row) => !isWired(row, node));
}

function isWired(row: Row, node: GraphNode): boolean {
  return node.inputs.some((slot) => slot.widget === row.name && slot.link !== null);
}

interface RowsProps {
  readonly rows: readonly Row[];
  readonly node: GraphNode;
  readonly place: Place;
  readonly Socket: SocketOfField | undefined;
}

function Rows({ rows, node, place, Socket }: RowsProps) {
  return rows.map((row) => (
    <div className="field-row" key={row.name}>
      {Socket && row.input.options.socketless !== true && <Socket node={node} name={row.name} type={row.input.type} />}
      <FieldOf node={node} row={row} place={place} />
    </div>
  ));
}

/** A field for experts is folded away unless it says something: a wire, or a value of its own. */
function isFolded(row: Row, node: GraphNode, { definition }: Place): boolean {
  if (row.input.options.advanced !== true) return false;
  return !isWired(row, node) && equal(readValues(node, definition).get(row.name), row.widget.default);
}

function toggle(promptId: string): void {
  useUnfolded.setState(({ ids }) => {
    const next = new Set(ids);
    if (!next.delete(promptId)) next.add(promptId);
    return { ids: next };
  });
}
