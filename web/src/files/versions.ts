/** Going back: a version of a document beside what it is now. */
import { compare, type Difference } from "../graph/compare";
import type { Document } from "../graph/document";
import { record } from "../graph/history";
import { changeTab } from "../store/tabs";
import { t } from "../words";
import { documentOfText } from "./documentText";
import { textOf, type Version } from "./journal";
import { tabOf } from "./save";

export interface Shown {
  readonly document: Document;
  /** From now to that version. */
  readonly difference: Difference;
}

export async function shown(id: string, version: Version): Promise<Shown> {
  const document = documentOfText(await textOf(version));
  const now = tabOf(id)?.history.present ?? document;
  return { document, difference: compare(now, document) };
}

/** Make a version the present again. It is an edit like any, so undo takes it back. */
export function restore(id: string, document: Document, time: string): void {
  const label = t("versions.restored", { time });
  changeTab((tab) => ({ history: record(tab.history, document, label), scope: [], selection: new Set<string>() }), id);
}
