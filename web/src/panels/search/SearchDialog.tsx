/** Add a node by name: opened with Tab, a double-click, or a wire that was let go over nothing. */
import { Search } from "lucide-react";
import { useState } from "react";
import type { Point } from "../../graph/document";
import type { Hit } from "../../graph/search";
import { queryWords } from "../../graph/search";
import { stage } from "../../store/stage";
import { closeDialog } from "../../store/ui";
import { t } from "../../words";
import { Finder } from "../parts/Finder";
import { Marked } from "../parts/Marked";
import { Popup } from "../parts/Popup";
import { TypeName } from "../parts/TypeName";
import { addChosen, type SocketEnd } from "./adding";
import { NodeCardPreview } from "./NodeCardPreview";
import { NodeMarks } from "./NodeMarks";
import { useNodeSearch } from "./useNodeSearch";

interface Props {
  /** Where the node goes, in units of the canvas; left out, into the middle of what is seen. */
  readonly position?: Point;
  /** The socket that it shall be wired to. */
  readonly from?: SocketEnd;
}

export function SearchDialog({ position, from }: Props) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const hits = useNodeSearch(query, from);
  const hit = hits[chosen];
  const ask = (text: string) => {
    setQuery(text);
    setChosen(0);
  };
  const take = ({ definition }: Hit) => {
    closeDialog();
    addChosen(definition, { position, from });
  };
  return (
    <Popup
      label={t("search.title")}
      className="search"
      at={position && stage().toScreen(position)}
      onClose={closeDialog}
    >
      <div className="search-list">
        {from && <Wanted from={from} />}
        <Finder
          label={t("search.title")}
          placeholder={t("search.placeholder")}
          icon={<Search aria-hidden />}
          query={query}
          onQuery={ask}
          rows={hits}
          keyOf={({ definition }) => definition.name}
          chosen={chosen}
          onChosen={setChosen}
          onTake={take}
          none={t("search.none")}
          show={({ definition }) => (
            <div className="search-row">
              <span className="search-title">
                <Marked title={definition.title} words={queryWords(query)} />
              </span>
              <NodeMarks definition={definition} />
              <span className="quiet search-category">{definition.category}</span>
            </div>
          )}
        />
        <p className="search-hint quiet">{t("search.hint")}</p>
      </div>
      {hit && <NodeCardPreview definition={hit.definition} />}
    </Popup>
  );
}

function Wanted({ from }: { readonly from: SocketEnd }) {
  return (
    <p className="search-wanted">
      {t(from.side === "output" ? "search.takes" : "search.gives")} <TypeName type={from.type} />
    </p>
  );
}
