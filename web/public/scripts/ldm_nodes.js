// The door for packs: `import { extend } from "../../scripts/ldm_nodes.js"`. See "Extending the editor" in the README.
export const { extend, editorFor } = globalThis.ldm_nodes;
