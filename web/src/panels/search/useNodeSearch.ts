/** The nodes that a query means, for the search and for the panel of nodes. */
import { useMemo } from "react";
import { type Hit, search, type WireEnd } from "../../graph/search";
import { indexOf } from "../../graph/searchIndex";
import { useCatalogue } from "../../store/catalogue";
import { useHabits } from "../../store/habits";
import { activeDocument, useTabs } from "../../store/tabs";
import { ownNodes } from "./ownNodes";

export function useNodeSearch(query: string, from?: WireEnd, limit?: number): readonly Hit[] {
  const catalogue = useCatalogue((state) => state.catalogue);
  const habits = useHabits();
  const subgraphs = useTabs((state) => activeDocument(state).subgraphs);
  const index = useMemo(() => indexOf([...catalogue.values(), ...ownNodes(subgraphs)]), [catalogue, subgraphs]);
  return useMemo(
    () => search(index, query, { habits, from, ...(limit ? { limit } : {}) }),
    [index, query, habits, from, limit],
  );
}
