/** The document as a tree: every node, wire and field without a mouse or a picture of it. */
import { Plus, X } from "lucide-react";
import { perform } from "../commands";
import { useUi } from "../store/ui";
import { t } from "../words";
import { RowFields } from "./RowFields";
import { Tree } from "./Tree";
import "../styles/outline.css";

export function Outline() {
  return (
    <aside className="outline" aria-label={t("outline.title")}>
      <header className="panel-head">
        <h2>{t("outline.title")}</h2>
        <button
          type="button"
          className="icon-button outline-add"
          aria-label={t("outline.add")}
          title={t("outline.add")}
          onClick={() => void perform("view.search")}
        >
          <Plus aria-hidden />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t("panel.close", { title: t("outline.title") })}
          onClick={() => useUi.setState({ outline: false })}
        >
          <X aria-hidden />
        </button>
      </header>
      <Tree />
      <RowFields />
    </aside>
  );
}
