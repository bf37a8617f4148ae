/** Other words that people say for the words in names of nodes. */

const GROUPS: readonly (readonly string[])[] = [
  ["image", "picture", "photo", "img"],
  ["upscale", "resize", "scale", "enlarge", "size"],
  ["checkpoint", "model", "ckpt"],
  ["unet", "diffusion"],
  ["prompt", "text"],
  ["sampler", "denoise", "generate"],
  ["composite", "paste", "overlay"],
  ["blend", "mix", "average", "merge", "interpolate"],
  ["combine", "join", "concat", "concatenate"],
  ["flip", "mirror"],
  ["invert", "negate"],
  ["empty", "blank", "new"],
  ["pad", "extend", "border"],
  ["outpainting", "outpaint"],
  ["inpaint", "inpainting", "fill"],
  ["load", "open", "loader", "import"],
  ["save", "write", "export", "store"],
  ["preview", "show", "display", "view"],
  ["string", "text"],
  ["int", "integer", "number"],
  ["float", "number", "decimal"],
  ["boolean", "toggle", "switch"],
  ["mask", "alpha", "matte"],
  ["batch", "list"],
  ["noise", "random"],
  ["area", "region"],
];

/** By word: the other words of its groups. */
export const SYNONYMS: ReadonlyMap<string, readonly string[]> = gathered();

function gathered(): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const group of GROUPS) {
    for (const word of group) found.set(word, [...(found.get(word) ?? []), ...group.filter((other) => other !== word)]);
  }
  return found;
}

/** What nodes are called elsewhere, by class. */
export const ALIASES: ReadonlyMap<string, readonly string[]> = new Map([
  ["CLIPSetLastLayer", ["clip skip"]],
  ["CLIPTextEncode", ["positive", "negative", "caption"]],
  ["KSampler", ["txt2img", "img2img"]],
  ["ConditioningCombine", ["and"]],
  ["PatchModelAddDownscale", ["high resolution"]],
]);

/** Nodes that most graphs have: they stand first among their like until a browser knows what its user uses. */
export const COMMON: ReadonlySet<string> = new Set([
  "CheckpointLoaderSimple",
  "CLIPTextEncode",
  "EmptyLatentImage",
  "KSampler",
  "LoadImage",
  "LoraLoader",
  "PreviewImage",
  "SaveImage",
  "VAEDecode",
  "VAEEncode",
]);
