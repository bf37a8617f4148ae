/** All keys, by family. */
import { X } from "lucide-react";
import { allCommands } from "../../commands";
import { FAMILIES, familyOf, titleOf } from "../../commands/command";
import { closeDialog } from "../../store/ui";
import { t } from "../../words";
import { KeyCaps } from "../parts/KeyCaps";
import { Popup } from "../parts/Popup";
import { HANDS } from "./hands";

export function KeyMap() {
  return (
    <Popup label={t("command.keys")} className="key-map" onClose={closeDialog}>
      <header className="floating-head">
        <h2>{t("command.keys")}</h2>
        {/* biome-ignore lint/a11y/noAutofocus: a dialog takes the focus that it gives back. */}
        <button type="button" autoFocus className="icon-button" aria-label={t("popup.close")} onClick={closeDialog}>
          <X aria-hidden />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be scrolled by keys too. */}
      <section className="key-map-families" tabIndex={0} aria-label={t("command.keys")}>
        {FAMILIES.map((family) => (
          <Family key={family} family={family} />
        ))}
        <section>
          <h3>{t("keys.canvas")}</h3>
          <dl>
            {HANDS.map(({ keys, does }) => (
              <Line key={does} title={t(does)} keys={keys} />
            ))}
          </dl>
        </section>
      </section>
    </Popup>
  );
}

function Family({ family }: { readonly family: (typeof FAMILIES)[number] }) {
  const rows = allCommands().filter((command) => command.keys && familyOf(command) === family);
  if (rows.length === 0) return null;
  return (
    <section>
      <h3>{t(`family.${family}`)}</h3>
      <dl>
        {rows.map((command) => (
          <Line key={command.id} title={titleOf(command)} keys={command.keys ?? []} />
        ))}
      </dl>
    </section>
  );
}

function Line({ title, keys }: { readonly title: string; readonly keys: readonly string[] }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        <KeyCaps keys={keys} />
      </dd>
    </div>
  );
}
