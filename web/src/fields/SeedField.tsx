/** A number that changes after each run: the number, what becomes of it, a new one now, the last one back. */
import { Dices, RotateCcw } from "lucide-react";
import { randomNumber } from "../graph/nextValue";
import { seedKey, useSeeds } from "../store/seeds";
import { t } from "../words";
import { AfterRun, InnerAfterRun } from "./AfterRun";
import type { FieldProps } from "./field";
import { NumberField } from "./NumberField";
import { writeOnce } from "./writing";

export function SeedField(props: FieldProps) {
  const { place, row, value } = props;
  const last = useSeeds((state) => state.last.get(seedKey(place.tab, place.promptId, row.name)));
  const isBack = last === undefined || last === value;
  const told = last === undefined ? t("seed.noLast") : t("seed.last", { value: String(last) });
  return (
    <>
      <NumberField {...props} />
      <span className="seed-row">
        {row.control ? <AfterRun {...props} /> : <InnerAfterRun {...props} />}
        <button
          type="button"
          className="field-icon nodrag nopan"
          title={t("seed.new")}
          onClick={() => writeOnce(place, row.name, randomNumber(row.input, Math.random))}
        >
          <Dices aria-label={t("seed.new")} />
        </button>
        <button
          type="button"
          className="field-icon nodrag nopan"
          title={told}
          disabled={isBack}
          onClick={() => last !== undefined && writeOnce(place, row.name, last)}
        >
          <RotateCcw aria-label={told} />
        </button>
      </span>
    </>
  );
}
