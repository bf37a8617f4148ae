/** The commands of one family. */
import { Check } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { allCommands, perform } from "../../commands";
import { type Command, canDo, type Family, familyOf, titleOf } from "../../commands/command";
import { ariaKeys } from "../../commands/keys";
import { t } from "../../words";
import { KeyCaps } from "../parts/KeyCaps";
import { moveFocus } from "./moveFocus";

interface Props {
  readonly family: Family;
  /** It was opened by hand, not only pointed at: the focus goes into it. */
  readonly entered: boolean;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

export function FamilyMenu({ family, entered, onBack, onDone }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (entered) box.current?.querySelector("button")?.focus();
  }, [entered]);
  const hear = (event: KeyboardEvent) => {
    event.stopPropagation();
    moveFocus(event);
    if (event.key === "ArrowLeft") onBack();
    if (event.key === "Escape") onDone();
  };
  const take = (command: Command) => {
    if (!canDo(command)) return;
    onDone();
    void perform(command.id);
  };
  return (
    <div
      ref={box}
      role="menu"
      aria-label={t(`family.${family}`)}
      className="menu menu-inner"
      onKeyDown={hear}
      tabIndex={-1}
    >
      {allCommands()
        .filter((command) => familyOf(command) === family)
        .map((command) => (
          <Item key={command.id} command={command} onTake={() => take(command)} />
        ))}
    </div>
  );
}

function Item({ command, onTake }: { readonly command: Command; readonly onTake: () => void }) {
  const able = canDo(command);
  const on = command.checked?.();
  const state =
    on === undefined ? ({ role: "menuitem" } as const) : ({ role: "menuitemcheckbox", "aria-checked": on } as const);
  return (
    <button
      type="button"
      {...state}
      aria-disabled={!able}
      aria-keyshortcuts={ariaKeys(command.keys)}
      title={able || !command.why ? undefined : t(command.why)}
      onClick={onTake}
    >
      <span className="menu-check">{on && <Check aria-hidden />}</span>
      <span>{titleOf(command)}</span>
      <KeyCaps keys={command.keys?.slice(0, 1)} />
    </button>
  );
}
