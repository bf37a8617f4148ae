/** The buttons at the left, and the one panel that is open. */
import { togglePanel, useUi } from "../store/ui";
import { t } from "../words";
import { PANELS } from "./table";

export function Rail() {
  const open = useUi((state) => state.panel);
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
      </div>
      {row && <row.Panel />}
    </nav>
  );
}
