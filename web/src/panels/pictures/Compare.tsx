/** Two pictures, one over the other, with an edge that is moved by the hand or the arrow keys. */
import { useState } from "react";
import { pictureKey, pictureUrl } from "../../store/pictures";
import type { Picture } from "../../store/run";
import { t } from "../../words";

interface Props {
  readonly one: Picture;
  readonly other: Picture;
  readonly pictures: readonly Picture[];
  readonly choose: (at: number) => void;
}

export function Compare({ one, other, pictures, choose }: Props) {
  const [share, setShare] = useState(50);
  return (
    <div className="compare">
      <div className="compare-pictures">
        <img src={pictureUrl(other)} alt={t("viewer.alt", { name: other.filename })} draggable={false} />
        <img
          src={pictureUrl(one)}
          alt={t("viewer.alt", { name: one.filename })}
          draggable={false}
          style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}
        />
        <span className="compare-edge" style={{ left: `${share}%` }} />
        <input
          type="range"
          min={0}
          max={100}
          value={share}
          aria-label={t("viewer.edge")}
          onChange={(event) => setShare(event.target.valueAsNumber)}
        />
      </div>
      <p className="compare-names">
        <span>{one.filename}</span>
        <select
          aria-label={t("viewer.with")}
          value={pictures.findIndex((picture) => pictureKey(picture) === pictureKey(other))}
          onChange={(event) => choose(Number(event.target.value))}
        >
          {pictures.map((picture, at) => (
            <option key={pictureKey(picture)} value={at}>
              {picture.filename}
            </option>
          ))}
        </select>
      </p>
    </div>
  );
}
