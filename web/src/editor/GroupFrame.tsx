/** A coloured frame around nodes. Only its title and its corner take the pointer, so that what is inside stays free. */
import { type NodeProps, NodeResizeControl } from "@xyflow/react";
import { memo } from "react";
import { patchGroup } from "../graph/edits/groups";
import { edit } from "../store/tabs";
import { rename, useView } from "../store/view";
import { t } from "../words";
import type { FrameNode } from "./flow";
import { TitleField } from "./TitleField";

export const GroupFrame = memo(function GroupFrame({ id, data: { group, index }, selected }: NodeProps<FrameNode>) {
  const renaming = useView((view) => view.renaming === id);
  return (
    <section
      className="frame"
      aria-label={t("group.label", { title: group.title })}
      data-selected={selected || undefined}
      style={{ color: group.color ?? "var(--quiet)" }}
    >
      {renaming ? (
        <TitleField
          title={group.title}
          onDone={(title) => edit(t("edit.rename"), (canvas) => patchGroup(canvas, index, { title }))}
        />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: F2 renames too.
        <header className="frame-title" onDoubleClick={() => rename(id)}>
          {group.title}
        </header>
      )}
      <NodeResizeControl
        autoScale={false}
        className="frame-corner"
        minWidth={120}
        minHeight={80}
        position="bottom-right"
      />
    </section>
  );
});
