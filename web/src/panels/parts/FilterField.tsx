/** A field that narrows a list; Escape empties it. */
import { Search } from "lucide-react";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** It takes the focus when it comes. */
  readonly focused?: boolean;
}

export function FilterField({ label, value, onChange, focused = false }: Props) {
  return (
    <div className="filter-field">
      <Search aria-hidden />
      <input
        type="search"
        // biome-ignore lint/a11y/noAutofocus: of a dialog that was opened to be searched.
        autoFocus={focused}
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !value) return;
          event.stopPropagation();
          onChange("");
        }}
      />
    </div>
  );
}
