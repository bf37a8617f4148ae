/** Fetches what packs bring for the browser, one module after the other; one that fails is named and left out. */
import { address, getJson } from "../api/client";
import { asList } from "../graph/json";
import { t } from "../words";
import { editorFor } from "./editor";
import { extend } from "./extend";
import { guardedAsync } from "./guard";

declare global {
  // What `scripts/ldm_nodes.js` hands on to packs.
  var ldm_nodes: { readonly extend: typeof extend; readonly editorFor: typeof editorFor } | undefined;
}

/** Load every pack's modules. The stand-ins for ComfyUI's own modules are there before the first of them. */
export async function loadExtensions(): Promise<void> {
  const urls = asList(await getJson("extensions")).filter((url): url is string => typeof url === "string");
  if (urls.length === 0) return;
  globalThis.ldm_nodes = { extend, editorFor };
  const { install, start } = await import("./comfy");
  install();
  for (const url of urls) {
    const { pack, file } = named(url);
    await guardedAsync(
      pack,
      t("extension.load", { file }),
      () => import(/* @vite-ignore */ address(url.replace(/^\//, ""))),
    );
  }
  await start();
}

/** The pack and the file in `/extensions/<pack>/<file>`. */
export function named(url: string): { pack: string; file: string } {
  const [, pack = url, ...file] = decodeURIComponent(url).replace(/^\//, "").split("/");
  return { pack, file: file.join("/") };
}
