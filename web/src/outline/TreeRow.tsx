/** A row of the outline: a node with its state, or a socket with what is connected to it. */
import { ChevronDown, ChevronRight } from "lucide-react";
import { type CSSProperties, memo, useEffect, useRef } from "react";
import { titleOf, useDefinition, useIsMissing, useSubgraph } from "../editor/nodeFacts";
import { STATE_ICONS, stateOf, wordsFor } from "../editor/nodeState";
import { otherEnds } from "../editor/otherEnds";
import { colourOf, shapeOf } from "../editor/socketLook";
import { typeName } from "../graph/document";
import { setTitle } from "../graph/edits/nodes";
import { runAt } from "../store/instances";
import { useRuns } from "../store/run";
import { activeDocument, edit, useTabs } from "../store/tabs";
import { t } from "../words";
import { setOpen, takeRow } from "./outline";
import type { OutlineRow } from "./rows";

interface Props {
  readonly row: OutlineRow;
  readonly isCurrent: boolean;
  readonly isRenaming: boolean;
  readonly onRenamed: () => void;
}

export const TreeRow = memo(
  function TreeRow(props: Props) {
    const { row, isCurrent } = props;
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys.
      <div
        className="outline-row"
        role="treeitem"
        tabIndex={isCurrent ? 0 : -1}
        data-key={row.key}
        data-kind={row.kind}
        aria-level={row.level}
        aria-posinset={row.place}
        aria-setsize={row.count}
        aria-expanded={row.open}
        aria-selected={isCurrent}
        style={{ "--level": row.level } as CSSProperties}
        onClick={() => takeRow(row)}
      >
        {row.kind === "node" ? <NodeRow {...props} /> : <SocketRow row={row} />}
      </div>
    );
  },
  (before, now) =>
    before.isCurrent === now.isCurrent && before.isRenaming === now.isRenaming && same(before.row, now.row),
);

/** Rows are made anew at every edit. */
function same(before: OutlineRow, now: OutlineRow): boolean {
  return (
    before.key === now.key &&
    before.node === now.node &&
    before.open === now.open &&
    before.place === now.place &&
    before.count === now.count
  );
}

function NodeRow({ row, isRenaming, onRenamed }: Props) {
  const { node, key, open } = row;
  const subgraph = useSubgraph(node.type);
  const definition = useDefinition(node, subgraph);
  const missing = useIsMissing(node.type);
  const run = useRuns((runs) => runAt(runs.nodes, key));
  const problems = useRuns((runs) => runs.problems.get(key));
  const state = stateOf({ mode: node.mode, missing, run, problems });
  const title = titleOf(node, definition, subgraph);
  const Icon = STATE_ICONS[state];
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <>
      <span className="outline-fold" aria-hidden onClick={() => setOpen(key, !open)}>
        {open !== undefined && <Chevron />}
      </span>
      {isRenaming ? (
        <RenameField title={title} row={row} onDone={onRenamed} />
      ) : (
        <span className="outline-name">{title}</span>
      )}
      {definition && definition.title !== title && <span className="quiet outline-kind">{definition.title}</span>}
      <span className="quiet outline-state" data-state={state}>
        {Icon && <Icon aria-hidden />}
        {wordsFor(state, run)}
      </span>
      {problems?.[0] && <span className="outline-problem">{problems[0].message}</span>}
    </>
  );
}

function RenameField({
  title,
  row,
  onDone,
}: {
  readonly title: string;
  readonly row: OutlineRow;
  readonly onDone: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const keep = () => {
    const text = field.current?.value.trim();
    if (text !== undefined && text !== title) edit(t("edit.rename"), (canvas) => setTitle(canvas, row.node.id, text));
    onDone();
  };
  const leave = () => {
    const item = field.current?.closest<HTMLElement>("[role='treeitem']");
    onDone();
    item?.focus();
  };
  return (
    <input
      ref={field}
      className="title-field"
      defaultValue={title}
      aria-label={t("card.title")}
      // biome-ignore lint/a11y/noAutofocus: the field appears because its title is to be typed.
      autoFocus
      onBlur={onDone}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") keep();
        if (event.key === "Enter" || event.key === "Escape") leave();
      }}
    />
  );
}

function SocketRow({ row: { scope, node, kind, slot } }: { readonly row: OutlineRow }) {
  const definition = useDefinition(node, useSubgraph(node.type));
  const socket = kind === "input" ? node.inputs[slot] : node.outputs[slot];
  const others = useTabs((state) =>
    otherEnds(activeDocument(state), scope, node, kind === "input" ? "input" : "output", slot),
  );
  if (!socket) return null;
  const needed = kind === "input" && definition?.inputs.some((input) => input.name === socket.name && input.required);
  const free = t(needed ? "outline.needed" : "outline.free");
  return (
    <>
      <i
        className="outline-socket"
        aria-hidden
        data-shape={shapeOf(socket.type)}
        style={{ color: colourOf(socket.type) }}
      />
      <span className="outline-name">{t("outline.input", { name: socket.name, type: typeName(socket.type) })}</span>
      <span className="quiet" data-needed={(needed && !others) || undefined}>
        {others ? t(kind === "input" ? "outline.from" : "outline.to", { node: others }) : free}
      </span>
    </>
  );
}
