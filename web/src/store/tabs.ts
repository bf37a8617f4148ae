/** The open documents, which one is seen, what is selected in it, and the one way to change it: `edit`. */
import { create } from "zustand";
import { type Canvas, canvasAt, type Document, EMPTY_DOCUMENT, type Scope, withCanvas } from "../graph/document";
import { begin, type History, record, redo, settle, undo } from "../graph/history";

export interface Tab {
  readonly id: string;
  readonly name: string;
  /** The file among the user's files on the server, or null while there is none. */
  readonly path: string | null;
  /** The version of that file that was read or written last. */
  readonly etag: string | null;
  readonly history: History;
  /** The document as it was saved last. */
  readonly saved: Document;
  readonly scope: Scope;
  readonly selection: ReadonlySet<string>;
}

interface Tabs {
  readonly tabs: readonly Tab[];
  readonly active: string;
}

export const NOTHING_SELECTED: ReadonlySet<string> = new Set();

export function newTab(name: string, document: Document = EMPTY_DOCUMENT, file: Partial<Tab> = {}): Tab {
  return {
    id: crypto.randomUUID?.() ?? String(Math.random()),
    name,
    path: null,
    etag: null,
    history: begin(document),
    saved: document,
    scope: [],
    selection: NOTHING_SELECTED,
    ...file,
  };
}

function initial(): Tabs {
  const tab = newTab("untitled");
  return { tabs: [tab], active: tab.id };
}

export const useTabs = create<Tabs>(initial);

/** The tab that is seen. There always is one. */
export function activeTab(state: Tabs = useTabs.getState()): Tab {
  const found = state.tabs.find((tab) => tab.id === state.active) ?? state.tabs[0];
  if (!found) throw new Error("There is no open document.");
  return found;
}

export function activeDocument(state: Tabs = useTabs.getState()): Document {
  return activeTab(state).history.present;
}

export function activeCanvas(state: Tabs = useTabs.getState()): Canvas {
  const tab = activeTab(state);
  return canvasAt(tab.history.present, tab.scope);
}

export function isDirty(tab: Tab): boolean {
  return tab.history.present !== tab.saved;
}

/** Change a tab; the active one unless another is named. */
export function changeTab(change: Partial<Tab> | ((tab: Tab) => Partial<Tab>), id?: string): void {
  useTabs.setState((state) => {
    const wanted = id ?? activeTab(state).id;
    const changed = (tab: Tab) => ({ ...tab, ...(typeof change === "function" ? change(tab) : change) });
    return { tabs: state.tabs.map((tab) => (tab.id === wanted ? changed(tab) : tab)) };
  });
}

/**
 * Change the canvas that is seen, as one entry of its undo list.
 *
 * @param label what it is called in the undo list: "Move 3 nodes".
 * @param merge edits in a row under one key are one entry; see `settleEdits`.
 */
export function edit(label: string, change: (canvas: Canvas) => Canvas, merge?: string): void {
  editDocument(label, (document, scope) => withCanvasIfChanged(document, scope, change), merge);
}

/** Change the whole document, subgraphs too. */
export function editDocument(
  label: string,
  change: (document: Document, scope: Scope) => Document,
  merge?: string,
): void {
  changeTab((tab) => ({ history: record(tab.history, change(tab.history.present, tab.scope), label, merge) }));
}

function withCanvasIfChanged(document: Document, scope: Scope, change: (canvas: Canvas) => Canvas): Document {
  const before = canvasAt(document, scope);
  const after = change(before);
  return after === before ? document : withCanvas(document, scope, after);
}

/** End a drag or a run of typing in a tab, the active one unless another is named: the next edit is an entry of its own. */
export function settleEdits(id?: string): void {
  changeTab((tab) => ({ history: settle(tab.history) }), id);
}

export function undoEdit(): void {
  changeTab((tab) => ({ history: undo(tab.history) }));
}

export function redoEdit(): void {
  changeTab((tab) => ({ history: redo(tab.history) }));
}

export function select(ids: Iterable<string>): void {
  changeTab({ selection: new Set(ids) });
}

export function openScope(scope: Scope): void {
  changeTab({ scope, selection: NOTHING_SELECTED });
}

/** Put a document into a tab of its own and show it. */
export function openTab(tab: Tab): void {
  useTabs.setState((state) => ({ tabs: [...state.tabs, tab], active: tab.id }));
}

/** Put a document into a tab of its own; an empty one that nobody has touched makes way. */
export function openInPlace(tab: Tab): void {
  const before = activeTab();
  const isUntouched = before.path === null && before.history.past.length === 0;
  openTab(tab);
  if (isUntouched && before.history.present.canvas.nodes.size === 0) closeTab(before.id);
}

export function showTab(id: string): void {
  useTabs.setState({ active: id });
}

/** Put a tab at another place in the row. */
export function moveTab(id: string, index: number): void {
  useTabs.setState(({ tabs }) => {
    const moved = tabs.find((tab) => tab.id === id);
    const others = tabs.filter((tab) => tab.id !== id);
    return moved ? { tabs: others.toSpliced(index, 0, moved) } : {};
  });
}

/** Close a tab; the last one leaves an empty document behind. */
export function closeTab(id: string): void {
  useTabs.setState((state) => {
    const at = state.tabs.findIndex((tab) => tab.id === id);
    const tabs = state.tabs.filter((tab) => tab.id !== id);
    if (tabs.length === 0) return initial();
    const next = tabs[Math.min(at, tabs.length - 1)];
    return { tabs, active: state.active === id && next ? next.id : state.active };
  });
}
