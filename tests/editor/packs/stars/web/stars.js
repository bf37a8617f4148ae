// A pack that uses the editor's own interface: a panel, a command with a key, marks on cards, and a field.
import { extend } from "../../scripts/ldm_nodes.js";

extend({
  name: "Stars",
  fields: {
    STRING: (host, field) => {
      const input = document.createElement("input");
      input.className = "stars-field";
      input.value = field.value;
      input.addEventListener("input", () => field.change(input.value));
      input.addEventListener("blur", () => field.settle());
      host.append(input);
      return { update: (value) => { input.value = value; } };
    },
  },
  commands: [
    {
      id: "stars.add",
      title: "Add a star",
      keys: ["Ctrl+Shift+8"],
      run: (editor) => {
        const id = editor.add("EmptyLatentImage", [40, 40]);
        editor.setValue(id, "width", 128);
        editor.notify("a star was added");
      },
    },
    { id: "stars.fail", title: "Drop a star", run: () => { throw new Error("it fell"); } },
  ],
  panels: [
    {
      id: "stars",
      title: "Stars",
      mount: (host, editor) => {
        const show = () => { host.textContent = `${editor.nodes().length} nodes`; };
        show();
        return editor.onChange(show);
      },
    },
  ],
  decorate: (node) => (node.type === "EmptyLatentImage" ? { text: `★ ${node.values.width}`, title: "Rated by Stars" } : undefined),
});
