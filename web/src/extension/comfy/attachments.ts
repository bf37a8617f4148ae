/** The widgets that packs have added to nodes, for the cards to show. */
import { create } from "zustand";
import type { ComfyNode } from "./node";

interface Attachments {
  /** By node id on the canvas that is seen. */
  readonly nodes: ReadonlyMap<string, ComfyNode>;
  /** Rises when anything of them has changed. */
  readonly version: number;
}

export const useAttachments = create<Attachments>(() => ({ nodes: new Map(), version: 0 }));

export function attachmentsChanged(): void {
  useAttachments.setState(({ version }) => ({ version: version + 1 }));
}
