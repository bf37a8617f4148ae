/** The node classes of the server, and whether they have come. */
import { create } from "zustand";
import { getJson } from "../api/client";
import { type Catalogue, readCatalogue } from "../graph/catalogue";
import { asObject } from "../graph/json";
import { localized } from "../graph/localized";
import { useLanguage } from "../words/language";

interface CatalogueState {
  readonly catalogue: Catalogue;
  readonly loaded: boolean;
  /** Types of inputs that packs draw as fields. */
  readonly drawn: ReadonlySet<string>;
}

export const useCatalogue = create<CatalogueState>(() => ({ catalogue: new Map(), loaded: false, drawn: new Set() }));

/** Ask the server which nodes and files there are now. */
export async function loadCatalogue(): Promise<void> {
  const [entries, translations] = await Promise.all([getJson("object_info"), getJson("i18n")]);
  const { nodeDefs } = asObject(asObject(translations)[useLanguage.getState().spoken]);
  useCatalogue.setState(({ drawn }) => ({
    catalogue: readCatalogue(localized(entries, nodeDefs), drawn),
    loaded: true,
  }));
}

/** Let inputs of a type be fields from now on. */
export function drawType(type: string): void {
  useCatalogue.setState((state) => {
    const drawn = new Set(state.drawn).add(type);
    const entries = Object.fromEntries([...state.catalogue].map(([name, { info }]) => [name, info]));
    return { drawn, catalogue: readCatalogue(entries, drawn) };
  });
}
