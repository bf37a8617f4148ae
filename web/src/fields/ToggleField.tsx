/** BOOLEAN: a switch that says what it is set to. */
import { asText } from "../graph/json";
import { t } from "../words";
import type { FieldProps } from "./field";
import { writeOnce } from "./writing";

export function ToggleField({ place, row, value, id, describedBy }: FieldProps) {
  const isOn = value === true;
  const { label_on, label_off } = row.input.options;
  const told = isOn ? asText(label_on, t("field.on")) : asText(label_off, t("field.off"));
  return (
    <button
      type="button"
      id={id}
      role="switch"
      aria-checked={isOn}
      aria-describedby={describedBy}
      className="toggle nodrag nopan"
      onClick={() => writeOnce(place, row.name, !isOn)}
    >
      <span className="toggle-word">{told}</span>
      <span className="toggle-track" aria-hidden />
    </button>
  );
}
