/** The node classes of the server, and whether they have come. */
import { create } from "zustand";
import { getJson } from "../api/client";
import { type Catalogue, readCatalogue } from "../graph/catalogue";

interface CatalogueState {
  readonly catalogue: Catalogue;
  readonly loaded: boolean;
}

export const useCatalogue = create<CatalogueState>(() => ({ catalogue: new Map(), loaded: false }));

/** Ask the server which nodes and files there are now. */
export async function loadCatalogue(): Promise<void> {
  useCatalogue.setState({ catalogue: readCatalogue(await getJson("object_info")), loaded: true });
}
