/** ComfyUI's odds and ends. */
import { address } from "../../api/client";

/** Load a style sheet of a pack. */
export function addStylesheet(url: string, relativeTo?: string): Promise<void> {
  const href = relativeTo ? new URL(url, relativeTo).href : address(url.replace(/^\//, ""));
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", type: "text/css", href });
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => reject(new Error(href)));
    document.head.append(link);
  });
}

export function clone<T>(value: T): T {
  return structuredClone(value);
}

export function downloadBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
