/** Documents as the text of their files. */
import type { Document } from "../graph/document";
import { writeJson } from "../graph/json";
import { readDocument } from "../graph/reading";
import { writeDocument } from "../graph/writing";
import { readJson } from "./jsonText";

export function textOfDocument(document: Document, indent = 0): string {
  return writeJson(writeDocument(document), indent);
}

/** @throws Unreadable or BadDocument, with one sentence. */
export function documentOfText(text: string): Document {
  return readDocument(readJson(text));
}
