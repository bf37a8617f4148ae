/** What of the editor itself is seen: the open panel, the inspector, dialogs, notices, the theme. Kept per browser. */
import { create } from "zustand";
import { persist } from "zustand/middleware";

export type Theme = "system" | "dark" | "light" | "contrast";
export type NoticeKind = "info" | "good" | "warn" | "bad";

export interface Notice {
  readonly id: number;
  readonly kind: NoticeKind;
  readonly text: string;
  /** A button beside it. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

interface Ui {
  /** The rail's open panel (a row of `panels/table.tsx`), or null. */
  readonly panel: string | null;
  readonly inspector: boolean;
  readonly theme: Theme;
  readonly outline: boolean;
  /** The graph is shown as a form instead of a canvas; null: where the page is too narrow for a canvas. */
  readonly form: boolean | null;
  /** Commands hear single keys such as M too; whoever speaks to the machine may turn that off. */
  readonly singleKeys: boolean;
  /** The one dialog or sheet on top: "search", "palette", "keys", … with what it was opened with. */
  readonly dialog: { readonly name: string; readonly props: unknown } | null;
  readonly notices: readonly Notice[];
}

const INITIAL = {
  panel: null,
  inspector: false,
  theme: "system",
  outline: false,
  form: null,
  singleKeys: true,
} as const;

export const useUi = create<Ui>()(
  persist((): Ui => ({ ...INITIAL, dialog: null, notices: [] }), {
    name: "ldm_nodes.ui",
    partialize: ({ panel, inspector, theme, outline, form, singleKeys }) => ({
      panel,
      inspector,
      theme,
      outline,
      form,
      singleKeys,
    }),
  }),
);

export function togglePanel(panel: string): void {
  useUi.setState((state) => ({ panel: state.panel === panel ? null : panel }));
}

export function openDialog(name: string, props: unknown = {}): void {
  useUi.setState({ dialog: { name, props } });
}

export function closeDialog(): void {
  useUi.setState({ dialog: null });
}

/** Close a dialog whose work took its time: one that was opened meanwhile stays. */
export function dialogDone(name: string): void {
  if (useUi.getState().dialog?.name === name) closeDialog();
}

let count = 0;

/** Say something; it is also read out by screen readers, and stays until it is dismissed if it is `bad`. */
export function notify(kind: NoticeKind, text: string, action?: Notice["action"]): void {
  count += 1;
  const notice: Notice = action ? { id: count, kind, text, action } : { id: count, kind, text };
  useUi.setState((state) => ({ notices: [...state.notices.slice(-4), notice] }));
}

export function dismiss(id: number): void {
  useUi.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
}
