/** A note on the canvas: Markdown that does nothing, until a double click lets it be written. */
import { type NodeProps, NodeResizeControl } from "@xyflow/react";
import { memo, useState } from "react";
import type { GraphNode } from "../graph/document";
import { patchNode, setTitle } from "../graph/edits/nodes";
import { asText, isList } from "../graph/json";
import { edit } from "../store/tabs";
import { rename, useView } from "../store/view";
import { t } from "../words";
import type { CardNode } from "./flow";
import { Markdown } from "./Markdown";
import { TitleField } from "./TitleField";
import { tintOf } from "./tint";

export const NoteCard = memo(
  Note,
  (before, now) => before.data.node === now.data.node && before.selected === now.selected,
);

function Note({ id, data: { node } }: NodeProps<CardNode>) {
  const [writing, setWriting] = useState(false);
  const renaming = useView((view) => view.renaming === id);
  const title = node.title ?? t("note.title");
  const text = textOf(node);
  return (
    <article
      id={`card-${id}`}
      className="node-card note"
      aria-label={title}
      style={tintOf(node, undefined)}
      data-folded={node.collapsed || undefined}
    >
      <header className="node-title">
        {renaming ? (
          <TitleField
            title={title}
            onDone={(name) => edit(t("edit.rename"), (canvas) => setTitle(canvas, node.id, name))}
          />
        ) : (
          // biome-ignore lint/a11y/noStaticElementInteractions: F2 renames too.
          <span className="node-name" onDoubleClick={() => rename(id)}>
            {title}
          </span>
        )}
      </header>
      {!node.collapsed &&
        (writing ? (
          <NoteField node={node} text={text} onDone={() => setWriting(false)} />
        ) : (
          // biome-ignore lint/a11y/noStaticElementInteractions: Enter writes too.
          <div className="note-text nowheel" data-edit onDoubleClick={() => setWriting(true)}>
            {text ? <Markdown text={text} /> : <p className="note-empty">{t("note.empty")}</p>}
          </div>
        ))}
      {!node.collapsed && (
        <NodeResizeControl
          autoScale={false}
          className="node-corner"
          minWidth={80}
          minHeight={60}
          position="bottom-right"
        />
      )}
    </article>
  );
}

interface FieldProps {
  readonly node: GraphNode;
  readonly text: string;
  readonly onDone: () => void;
}

function NoteField({ node, text, onDone }: FieldProps) {
  const keep = (now: string) => {
    if (now !== text) edit(t("edit.note"), (canvas) => patchNode(canvas, node.id, { values: [now] }));
    onDone();
  };
  return (
    <textarea
      className="note-field nodrag nowheel"
      defaultValue={text}
      aria-label={t("note.field")}
      // biome-ignore lint/a11y/noAutofocus: the field appears because the note is to be written.
      autoFocus
      onBlur={(event) => keep(event.currentTarget.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}

function textOf(node: GraphNode): string {
  return isList(node.values) ? asText(node.values[0]) : asText(node.values?.text);
}
