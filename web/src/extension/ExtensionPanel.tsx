/** A rail panel that a pack fills. */
import { useCallback } from "react";
import { editorFor } from "./editor";
import { Mount } from "./Mount";
import type { ExtensionPanel as Definition, Owned } from "./registry";
import "../styles/extensions.css";

export function ExtensionPanel({ pack, part }: Owned<Definition>) {
  const fill = useCallback((host: HTMLElement) => part.mount(host, editorFor(pack)), [pack, part]);
  return (
    <section className="extension-panel" aria-label={part.title}>
      <h2>{part.title}</h2>
      <Mount pack={pack} what={part.title} fill={fill} />
    </section>
  );
}
