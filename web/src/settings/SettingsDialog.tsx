/** All settings. Each holds as soon as it is chosen. */
import { X } from "lucide-react";
import { useId, useSyncExternalStore } from "react";
import { Popup } from "../panels/parts/Popup";
import { closeDialog } from "../store/ui";
import { t } from "../words";
import { SETTINGS, type Setting } from "./table";
import "../styles/settings.css";

export function SettingsDialog() {
  return (
    <Popup label={t("settings.title")} className="settings" onClose={closeDialog}>
      <header className="floating-head">
        <h2>{t("settings.title")}</h2>
        {/* biome-ignore lint/a11y/noAutofocus: a dialog takes the focus that it gives back. */}
        <button type="button" autoFocus className="icon-button" aria-label={t("popup.close")} onClick={closeDialog}>
          <X aria-hidden />
        </button>
      </header>
      <div className="settings-rows">
        {SETTINGS.map((setting) => (
          <Row key={setting.id} setting={setting} />
        ))}
      </div>
    </Popup>
  );
}

function Row({ setting }: { readonly setting: Setting }) {
  const id = useId();
  const value = useSyncExternalStore(setting.follow, setting.read);
  const described = setting.help ? `${id}-help` : undefined;
  const choices = setting.choices?.();
  return (
    <div className="settings-row">
      <label htmlFor={id}>{t(setting.title)}</label>
      {choices ? (
        <select
          id={id}
          aria-describedby={described}
          value={String(value)}
          onChange={({ target }) => setting.write(choices[target.selectedIndex]?.value ?? value)}
        >
          {choices.map((choice) => (
            <option key={String(choice.value)} value={String(choice.value)}>
              {choice.label}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          type="checkbox"
          aria-describedby={described}
          checked={value === true}
          onChange={({ target }) => setting.write(target.checked)}
        />
      )}
      {setting.help && (
        <p id={described} className="quiet">
          {t(setting.help)}
        </p>
      )}
    </div>
  );
}
