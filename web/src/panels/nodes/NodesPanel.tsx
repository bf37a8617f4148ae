/** All nodes by category, with a filter: drag one onto the canvas, click it, or press Enter. */
import { useMemo, useState } from "react";
import { categoryTree } from "../../graph/categories";
import { queryWords } from "../../graph/search";
import { useCatalogue } from "../../store/catalogue";
import { useHabits } from "../../store/habits";
import { t } from "../../words";
import { FilterField } from "../parts/FilterField";
import { Panel } from "../parts/Panel";
import { useNodeSearch } from "../search/useNodeSearch";
import { CategoryBranch } from "./CategoryBranch";
import { NodeRow } from "./NodeRow";

const MOST = 200;

export function NodesPanel() {
  const [query, setQuery] = useState("");
  const hits = useNodeSearch(query, undefined, MOST);
  const words = queryWords(query);
  return (
    <Panel title={t("panel.nodes")}>
      <FilterField label={t("nodes.filter")} value={query} onChange={setQuery} />
      <div className="node-tree">
        {query.trim() ? (
          <>
            {hits.map(({ definition }) => (
              <NodeRow key={definition.name} definition={definition} words={words} />
            ))}
            {hits.length === 0 && <p className="panel-empty">{t("search.none")}</p>}
          </>
        ) : (
          <Tree />
        )}
      </div>
    </Panel>
  );
}

function Tree() {
  const catalogue = useCatalogue((state) => state.catalogue);
  const favourites = useHabits((state) => state.favourites);
  const tree = useMemo(() => categoryTree(catalogue.values()), [catalogue]);
  const loved = favourites.flatMap((name) => catalogue.get(name) ?? []);
  return (
    <>
      {loved.length > 0 && (
        <section className="favourites" aria-label={t("nodes.favourites")}>
          <h3>{t("nodes.favourites")}</h3>
          {loved.map((definition) => (
            <NodeRow key={definition.name} definition={definition} words={[]} />
          ))}
        </section>
      )}
      {tree.inner.map((category) => (
        <CategoryBranch key={category.path} category={category} depth={0} />
      ))}
      {tree.nodes.map((definition) => (
        <NodeRow key={definition.name} definition={definition} words={[]} />
      ))}
    </>
  );
}
