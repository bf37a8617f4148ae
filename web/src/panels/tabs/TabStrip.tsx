/** The open documents: show, rename, move, close; a dot says that something was not saved. */
import { Plus } from "lucide-react";
import { useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { perform } from "../../commands";
import { moveTab, useTabs } from "../../store/tabs";
import { t } from "../../words";
import "../../styles/files.css";
import { TabItem } from "./TabItem";

export function TabStrip() {
  const ids = useTabs(useShallow((state) => state.tabs.map(({ id }) => id)));
  const [dragged, setDragged] = useState<string | null>(null);
  return (
    <nav className="tabs" aria-label={t("tabs.title")}>
      <ul>
        {ids.map((id, index) => (
          <TabItem
            key={id}
            id={id}
            onDrag={setDragged}
            onOver={() => dragged !== null && dragged !== id && moveTab(dragged, index)}
          />
        ))}
      </ul>
      <button
        type="button"
        className="icon-button"
        title={t("command.new")}
        aria-label={t("command.new")}
        onClick={() => perform("file.new")}
      >
        <Plus aria-hidden />
      </button>
    </nav>
  );
}
