/** One open document. */
import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { askToClose } from "../../files/closing";
import { rename } from "../../files/rename";
import { isDirty, showTab, useTabs } from "../../store/tabs";
import { t } from "../../words";

interface Props {
  readonly id: string;
  readonly onDrag: (id: string | null) => void;
  /** Another tab is dragged over this one. */
  readonly onOver: () => void;
}

const MIDDLE = 1;

export function TabItem({ id, onDrag, onOver }: Props) {
  const name = useTabs((state) => state.tabs.find((tab) => tab.id === id)?.name ?? "");
  const dirty = useTabs((state) => state.tabs.some((tab) => tab.id === id && isDirty(tab)));
  const active = useTabs((state) => state.active === id);
  const [renaming, setRenaming] = useState(false);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }, [active]);
  if (renaming) return <NameField id={id} name={name} onDone={() => setRenaming(false)} />;
  const told = dirty ? t("tabs.dirty", { name }) : name;
  return (
    <li
      ref={row}
      className={active ? "tab tab-active" : "tab"}
      draggable
      onDragStart={() => onDrag(id)}
      onDragEnd={() => onDrag(null)}
      onDragEnter={onOver}
      onAuxClick={(event) => event.button === MIDDLE && askToClose(id)}
    >
      <button
        type="button"
        className="tab-name"
        aria-current={active ? "page" : undefined}
        title={told}
        onClick={() => showTab(id)}
        onDoubleClick={() => setRenaming(true)}
      >
        {dirty && <span className="tab-dot" role="img" aria-label={t("tabs.unsaved")} />}
        <span>{name}</span>
      </button>
      <button
        type="button"
        className="tab-close"
        aria-label={t("tabs.close", { name })}
        title={t("tabs.close", { name })}
        onClick={() => askToClose(id)}
      >
        <X aria-hidden />
      </button>
    </li>
  );
}

function NameField({ id, name, onDone }: { readonly id: string; readonly name: string; readonly onDone: () => void }) {
  const done = (text: string) => {
    onDone();
    if (text.trim() && text.trim() !== name) void rename(id, text.trim());
  };
  return (
    <li className="tab tab-active">
      <input
        // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
        autoFocus
        className="tab-field"
        aria-label={t("tabs.rename", { name })}
        defaultValue={name}
        onFocus={(event) => event.target.select()}
        onBlur={(event) => done(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") onDone();
          event.stopPropagation();
        }}
      />
    </li>
  );
}
