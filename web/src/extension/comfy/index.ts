/**
 * ComfyUI's extension interface for the browser, as far as a page without its canvas can keep it.
 *
 * Start with `app.ts`. Packs import `/scripts/app.js` and its neighbours, which hand out what `install` puts under
 * `comfyAPI`. Whatever a pack asks for that is not here does nothing, and is told once with the pack's name.
 */
import { useCatalogue } from "../../store/catalogue";
import { useExtensions } from "../registry";
import { ComfyApi } from "./api";
import { ComfyApp } from "./app";
import { defineClasses } from "./classes";
import { follow } from "./follow";
import { callAsync, registered } from "./hooks";
import { LGraphCanvas, LiteGraph } from "./litegraph";
import { lenient } from "./missing";
import { ComfyNode } from "./node";
import { $el, ComfyDialog, toggleSwitch } from "./ui";
import { addStylesheet, clone, downloadBlob } from "./utils";
import { WIDGETS, type WidgetMaker } from "./widgets";

let installed: ComfyApp | undefined;

/** Put the stand-ins where packs look for them. */
export function install(): void {
  const api = lenient("api", new ComfyApi());
  const app = lenient("app", new ComfyApp(api));
  installed = app;
  const widgets = {
    ComfyWidgets: lenient("ComfyWidgets", WIDGETS),
    addValueControlWidget() {},
    addValueControlWidgets() {},
    updateControlWidgetLabel() {},
  };
  Object.assign(globalThis, {
    app,
    LiteGraph,
    LGraphCanvas,
    LGraphNode: ComfyNode,
    comfyAPI: {
      app: { app, ComfyApp, ANIM_PREVIEW_WIDGET: "$$comfy_animation_preview" },
      api: { api, ComfyApi },
      ui: { $el, ComfyDialog, toggleSwitch },
      widgets,
      utils: lenient("utils", { addStylesheet, clone, downloadBlob }),
      domWidget: lenient("domWidget", {}),
      pnginfo: lenient("pnginfo", {}),
    },
  });
}

/** Call the hooks in ComfyUI's order, once all modules are there, and follow what happens from then on. */
export async function start(): Promise<void> {
  const app = installed;
  if (!app || registered().length === 0) return;
  await app.ui.settings.load();
  await loaded();
  await callAsync("init", app);
  for (const made of await callAsync("getCustomWidgets", app))
    Object.assign(WIDGETS, made as Record<string, WidgetMaker>);
  await callAsync("addCustomNodeDefs", app.getNodeDefs(), app);
  await defineClasses(app);
  await callAsync("setup", app);
  useExtensions.setState((state) => ({
    promptHooks: [...state.promptHooks, async () => (await app.graphToPrompt()).output],
  }));
  follow(app.graph);
}

/** Wait for the classes of the server. */
function loaded(): Promise<void> {
  if (useCatalogue.getState().loaded) return Promise.resolve();
  return new Promise((resolve) => {
    const end = useCatalogue.subscribe((state) => {
      if (!state.loaded) return;
      end();
      resolve();
    });
  });
}
