/** Every command by family, behind one button. ARIA's menu button with a menu per family. */
import { ChevronRight, Menu } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { useLogin } from "../../api/login";
import { allCommands } from "../../commands";
import { FAMILIES, type Family, familyOf } from "../../commands/command";
import { t } from "../../words";
import { Popup } from "../parts/Popup";
import { FamilyMenu } from "./FamilyMenu";
import { moveFocus } from "./moveFocus";

export function AppMenu() {
  const [open, setOpen] = useState(false);
  return (
    <div className="app-menu">
      <button
        type="button"
        className="icon-button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={t("menu.title")}
        title={t("menu.title")}
        onPointerDown={(event) => open && event.stopPropagation()}
        onClick={() => setOpen(!open)}
      >
        <Menu aria-hidden />
      </button>
      {open && <Families onClose={() => setOpen(false)} />}
    </div>
  );
}

function Families({ onClose }: { readonly onClose: () => void }) {
  const [shown, setShown] = useState<Family | null>(null);
  const [entered, setEntered] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const user = useLogin((state) => state.standing.user);
  const families = FAMILIES.filter((family) => allCommands().some((command) => familyOf(command) === family));
  const show = (family: Family | null, enter = false) => {
    setShown(family);
    setEntered(enter);
  };
  const hear = (event: KeyboardEvent, family: Family) => {
    if (moveFocus(event)) show(null);
    if (event.key === "ArrowRight") show(family, true);
  };
  const back = (family: Family) => {
    show(null);
    list.current?.querySelector<HTMLElement>(`[data-family="${family}"]`)?.focus();
  };
  return (
    <Popup label={t("menu.title")} className="menu-popup" onClose={onClose}>
      <div ref={list} role="menu" aria-label={t("menu.title")} className="menu">
        {families.map((family, index) => (
          <div key={family} role="none" className="menu-family" onPointerEnter={() => show(family)}>
            <button
              type="button"
              role="menuitem"
              // biome-ignore lint/a11y/noAutofocus: a menu that opens takes the focus.
              autoFocus={index === 0}
              data-family={family}
              aria-haspopup="menu"
              aria-expanded={shown === family}
              onClick={() => show(family, true)}
              onKeyDown={(event) => hear(event, family)}
            >
              <span>{t(`family.${family}`)}</span>
              <ChevronRight aria-hidden />
            </button>
            {shown === family && (
              <FamilyMenu family={family} entered={entered} onBack={() => back(family)} onDone={onClose} />
            )}
          </div>
        ))}
      </div>
      {user && <p className="menu-user">{t("menu.user", { user })}</p>}
    </Popup>
  );
}
