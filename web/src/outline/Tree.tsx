/** ARIA's tree with a roving focus: arrows move, Enter edits, C connects, Delete removes, F2 renames. */
import { type FocusEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { activeDocument, activeTab, useTabs } from "../store/tabs";
import { t } from "../words";
import { setOpen, takeRow, useOutline } from "./outline";
import { actOn } from "./rowKeys";
import { moveFor, type OutlineRow, rowsOf } from "./rows";
import { TreeRow } from "./TreeRow";

export function Tree() {
  const document = useTabs(activeDocument);
  const open = useOutline((state) => state.open);
  const wanted = useOutline((state) => state.current);
  const rows = useMemo(() => rowsOf(document, open), [document, open]);
  const [renaming, setRenaming] = useState<string | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  const current = useCurrent(rows, wanted);
  const focus = useFocusFollows(tree, rows, current?.key);
  if (rows.length === 0) return <p className="panel-empty">{t("outline.empty")}</p>;
  const hear = (event: KeyboardEvent) => {
    if (!current || renaming !== null || event.ctrlKey || event.metaKey || event.altKey) return;
    const isHeard = moved(event.key, rows, current) || actOn(event.key, current, rows, setRenaming);
    if (isHeard) event.preventDefault();
  };
  return (
    <div ref={tree} className="outline-tree" role="tree" aria-label={t("outline.tree")} onKeyDown={hear} {...focus}>
      {rows.map((row) => (
        <TreeRow
          key={row.key}
          row={row}
          isCurrent={row === current}
          isRenaming={renaming === row.key}
          onRenamed={() => setRenaming(null)}
        />
      ))}
    </div>
  );
}

function moved(key: string, rows: readonly OutlineRow[], current: OutlineRow): boolean {
  const move = moveFor(key, rows, rows.indexOf(current));
  if (!move) return false;
  const to = "to" in move && rows.find((row) => row.key === move.to);
  if ("open" in move) setOpen(current.key, move.open);
  if (to) takeRow(to);
  return true;
}

/** The row at hand: the one that was taken last, or that of a node that was selected elsewhere since. */
function useCurrent(rows: readonly OutlineRow[], wanted: string | null): OutlineRow | undefined {
  const selected = useTabs((state) => {
    const { scope, selection } = activeTab(state);
    return selection.size === 1 ? [...scope, ...selection].join(":") : null;
  });
  useEffect(() => {
    const at = useOutline.getState().current;
    if (selected !== null && at?.split("/")[0] !== selected) useOutline.setState({ current: selected });
  }, [selected]);
  return rows.find((row) => row.key === wanted) ?? rows.find((row) => row.key === wanted?.split("/")[0]) ?? rows[0];
}

/** While the focus is in the outline, it goes with the row at hand; a row that goes away does not take it along. */
function useFocusFollows(tree: React.RefObject<HTMLDivElement | null>, rows: readonly OutlineRow[], key?: string) {
  const isIn = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows that came or went may have taken the focus.
  useEffect(() => {
    const row = key && tree.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    const at = window.document.activeElement;
    const isHere = at?.closest(".outline-tree, .outline-add") != null || (isIn.current && at === window.document.body);
    if (row && isHere && at !== row && !row.contains(at)) row.focus();
    else if (row) row.scrollIntoView({ block: "nearest" });
  }, [key, rows, tree]);
  const onFocus = () => {
    isIn.current = true;
  };
  const onBlur = (event: FocusEvent) => {
    if (event.relatedTarget instanceof Node && !tree.current?.contains(event.relatedTarget)) isIn.current = false;
  };
  return { onFocus, onBlur };
}
