/** A title while it is being typed: Enter or leaving keeps it, Escape does not. */
import { useEffect, useRef } from "react";
import { rename } from "../store/view";
import { t } from "../words";

interface Props {
  readonly title: string;
  readonly onDone: (title: string) => void;
}

export function TitleField({ title, onDone }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const kept = useRef(false);
  useEffect(() => field.current?.select(), []);
  const leave = (keep: boolean) => {
    const text = field.current?.value.trim() ?? "";
    if (keep && !kept.current && text !== title) onDone(text);
    kept.current = true;
    rename(null);
  };
  return (
    <input
      ref={field}
      className="title-field nodrag"
      defaultValue={title}
      aria-label={t("card.title")}
      // biome-ignore lint/a11y/noAutofocus: the field appears because its title is to be typed.
      autoFocus
      onBlur={() => leave(true)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") leave(true);
        if (event.key === "Escape") leave(false);
      }}
    />
  );
}
