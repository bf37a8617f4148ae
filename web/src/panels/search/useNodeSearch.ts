/** The nodes that a query means, for the search and for the panel of nodes. */
import { useMemo } from "react";
import { type Hit, search, type WireEnd } from "../../graph/search";
import { indexOf } from "../../graph/searchIndex";
import { useCatalogue } from "../../store/catalogue";
import { useHabits } from "../../store/habits";

export function useNodeSearch(query: string, from?: WireEnd, limit?: number): readonly Hit[] {
  const catalogue = useCatalogue((state) => state.catalogue);
  const habits = useHabits();
  const index = useMemo(() => indexOf(catalogue), [catalogue]);
  return useMemo(
    () => search(index, query, { habits, from, ...(limit ? { limit } : {}) }),
    [index, query, habits, from, limit],
  );
}
