/** "Connect to …": every wire that a node could have, by typing a few letters of it. Wiring without a mouse. */
import { Cable } from "lucide-react";
import { useMemo, useState } from "react";
import { connect } from "../graph/edits/links";
import { Finder } from "../panels/parts/Finder";
import { Popup } from "../panels/parts/Popup";
import { TypeName } from "../panels/parts/TypeName";
import { activeCanvas, activeDocument, edit, useTabs } from "../store/tabs";
import { closeDialog } from "../store/ui";
import { t } from "../words";
import { type Possible, possibleWires } from "./connections";
import type { Side } from "./names";
import { titleIn } from "./nodeFacts";

interface Props {
  readonly node: string;
  /** One socket of it alone. */
  readonly side?: Side;
  readonly slot?: number;
}

export function ConnectTo({ node, side, slot }: Props) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const canvas = useTabs(activeCanvas);
  const all = useMemo(() => {
    const found = canvas.nodes.get(node);
    return found ? possibleWires(canvas, found, side, slot) : [];
  }, [canvas, node, side, slot]);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = all.filter((wire) => words.every((word) => textOf(wire, slot === undefined).includes(word)));
  const take = ({ from, to }: Possible) => {
    closeDialog();
    edit(t("edit.connect"), (before) => connect(before, from, to));
  };
  return (
    <Popup label={t("connect.title")} className="connect-to" onClose={closeDialog}>
      <Finder
        label={t("connect.title")}
        placeholder={t("connect.placeholder")}
        icon={<Cable aria-hidden />}
        query={query}
        onQuery={(text) => {
          setQuery(text);
          setChosen(0);
        }}
        rows={rows}
        keyOf={({ from, to }) => `${from.node} ${from.slot} ${to.node} ${to.slot}`}
        chosen={chosen}
        onChosen={setChosen}
        onTake={take}
        none={t("connect.none")}
        show={(wire) => <Row wire={wire} />}
      />
    </Popup>
  );
}

function Row({ wire }: { readonly wire: Possible }) {
  const title = titleIn(activeDocument(), wire.other);
  const [left, right] =
    wire.side === "output" ? [wire.own, `${title} · ${wire.socket}`] : [`${title} · ${wire.socket}`, wire.own];
  return (
    <div className="connect-row">
      <span>
        {left} → {right}
      </span>
      <TypeName type={wire.type} />
    </div>
  );
}

/** What is looked for in a row; its own socket says nothing where it is the only one. */
function textOf(wire: Possible, isOpen: boolean): string {
  return `${isOpen ? wire.own : ""} ${wire.socket} ${titleIn(activeDocument(), wire.other)} ${wire.type}`.toLowerCase();
}
