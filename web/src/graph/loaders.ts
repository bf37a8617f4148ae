/** Which node loads a file of a kind, and into which of its fields the file's name goes. */
import type { Catalogue, NodeDefinition } from "./catalogue";
import { COMMON } from "./synonyms";

export interface Loader {
  readonly definition: NodeDefinition;
  readonly field: string;
}

/** The class that people load a kind with, of the several that list its files. */
const USUAL: Readonly<Record<string, string>> = {
  checkpoints: "CheckpointLoaderSimple",
  loras: "LoraLoader",
  vae: "VAELoader",
  text_encoders: "CLIPLoader",
  diffusion_models: "UNETLoader",
  clip_vision: "CLIPVisionLoader",
  style_models: "StyleModelLoader",
  controlnet: "ControlNetLoader",
  gligen: "GLIGENLoader",
  upscale_models: "UpscaleModelLoader",
  hypernetworks: "HypernetworkLoader",
  diffusers: "DiffusersLoader",
};

/** The loader of a file: the usual one of its kind, or any that has the file among its choices. */
export function loaderOf(catalogue: Catalogue, kind: string, file: string): Loader | undefined {
  const found = [...catalogue.values()].flatMap((definition) => {
    const field = definition.inputs.find((input) => input.choices?.includes(file));
    return field ? [{ definition, field: field.name }] : [];
  });
  const rank = ({ definition: { name, category, deprecated } }: Loader) =>
    Number(name === USUAL[kind]) * 8 +
    Number(COMMON.has(name)) * 4 +
    Number(category.includes("loaders")) * 2 -
    Number(deprecated) * 16;
  return found.toSorted((left, right) => rank(right) - rank(left))[0];
}
