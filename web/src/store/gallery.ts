/** Graphs to begin with: what ships, what packs show, ComfyUI's templates where they are installed. */
import { create } from "zustand";
import { getJson } from "../api/client";
import { asList, asObject, asText, isObject } from "../graph/json";

export interface Template {
  readonly name: string;
  readonly group: string;
  readonly title: string;
  readonly description: string;
  /** Where the graph is, and what it makes; the picture may be missing. */
  readonly graph: string;
  readonly picture: string;
  readonly tags: readonly string[];
  /** Classes that are not here. */
  readonly missing: readonly string[];
}

interface Gallery {
  readonly templates: readonly Template[];
  readonly loaded: boolean;
}

export const useGallery = create<Gallery>(() => ({ templates: [], loaded: false }));

export async function loadGallery(): Promise<void> {
  const rows = asList(await getJson("gallery")).filter(isObject);
  useGallery.setState({ templates: rows.map(readTemplate), loaded: true });
}

function readTemplate(row: unknown): Template {
  const told = asObject(row);
  const texts = (value: unknown) => asList(value).filter((text): text is string => typeof text === "string");
  return {
    name: asText(told.name),
    group: asText(told.group),
    title: asText(told.title),
    description: asText(told.description),
    graph: asText(told.graph),
    picture: asText(told.picture),
    tags: texts(told.tags),
    missing: texts(told.missing),
  };
}
