/** The buttons at the left, and the one panel that is open. */

import { Puzzle } from "lucide-react";
import { ExtensionPanel } from "../extension/ExtensionPanel";
import { useExtensions } from "../extension/registry";
import { togglePanel, useUi } from "../store/ui";
import { t } from "../words";
import { PANELS } from "./table";

export function Rail() {
  const open = useUi((state) => state.panel);
  const added = useExtensions((state) => state.panels);
  const brought = added.find(({ part }) => part.id === open);
  const row = PANELS.find((panel) => panel.id === open);
  return (
    <nav className="rail">
      <div className="rail-buttons">
        {PANELS.map(({ id, title, icon: Icon }) => (
          <button key={id} type="button" aria-pressed={id === open} onClick={() => togglePanel(id)}>
            <Icon aria-hidden />
            {t(title)}
          </button>
        ))}
        {added.map(({ part: { id, title } }) => (
          <button key={id} type="button" aria-pressed={id === open} onClick={() => togglePanel(id)}>
            <Puzzle aria-hidden />
            {title}
          </button>
        ))}
      </div>
      {brought && <ExtensionPanel {...brought} />}
      {row && <row.Panel />}
    </nav>
  );
}
