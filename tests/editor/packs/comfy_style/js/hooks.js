// Written as packs for ComfyUI are: its modules, its hooks, its node objects.
import { app } from "../../scripts/app.js";
import { api } from "../../scripts/api.js";
import { $el } from "../../scripts/ui.js";

const told = [];
globalThis.told = told;

api.addEventListener("executed", ({ detail }) => told.push(`executed ${detail.node}`));

app.registerExtension({
  name: "Comfy.Style",
  async init() {
    told.push("init");
    LGraphCanvas.prototype.drawNode = () => {};
  },
  async addCustomNodeDefs(defs) {
    told.push(`defs ${"KSampler" in defs}`);
  },
  async beforeRegisterNodeDef(nodeType, nodeData) {
    if (nodeData.name !== "EmptyLatentImage") return;
    const before = nodeType.prototype.onNodeCreated;
    nodeType.prototype.onNodeCreated = function (...values) {
      before?.apply(this, values);
      this.addWidget("button", "Double the width", null, () => {
        const width = this.widgets.find((widget) => widget.name === "width");
        width.value *= 2;
      });
      this.addDOMWidget("note", "note", $el("p", { textContent: "drawn by a pack" }));
    };
    nodeType.prototype.onConnectionsChange = function (side, slot, connected) {
      told.push(`wire ${side} ${slot} ${connected}`);
    };
  },
  nodeCreated(node) {
    told.push(`created ${node.comfyClass}`);
  },
  async setup() {
    told.push("setup");
    app.canvas.highlight_something();
  },
});
