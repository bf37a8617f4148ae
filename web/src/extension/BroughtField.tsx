/** A field that a pack draws. */
import { useCallback, useEffect, useRef } from "react";
import type { FieldProps } from "../fields/field";
import { writeField } from "../fields/writing";
import { settleEdits } from "../store/tabs";
import { guarded } from "./guard";
import { Mount } from "./Mount";
import { type FieldView, useExtensions } from "./registry";

export function BroughtField({ place, row, value = null }: FieldProps) {
  const maker = useExtensions((state) => state.fields.get(row.input.type));
  const view = useRef<FieldView | undefined>(undefined);
  const now = useRef({ place, value });
  now.current = { place, value };
  const { name } = row;
  const { options } = row.input;
  const fill = useCallback(
    (host: HTMLElement) => {
      view.current = maker?.part(host, {
        options,
        get value() {
          return now.current.value;
        },
        change: (changed) => writeField(now.current.place, name, changed),
        settle: () => settleEdits(now.current.place.tab),
      });
      return () => view.current?.destroy?.();
    },
    [maker, name, options],
  );
  const pack = maker?.pack ?? "";
  useEffect(() => guarded(pack, name, () => view.current?.update(value)), [pack, name, value]);
  return <Mount pack={pack} what={name} fill={fill} className="extension-field nodrag" />;
}
