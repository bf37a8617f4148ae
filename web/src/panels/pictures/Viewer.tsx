/** One picture, large: zoomed and moved, compared with another, with what it says of itself and what can be done. */
import { X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { morePictures, pictureKey, pictureUrl, refreshPictures, usePictures } from "../../store/pictures";
import type { Picture } from "../../store/run";
import { closeDialog } from "../../store/ui";
import { t } from "../../words";
import { asked } from "../queue/doing";
import { Compare } from "./Compare";
import { PictureData } from "./PictureData";
import { Toolbar } from "./Toolbar";
import { FITTED, panned, zoomed } from "./viewing";
import { Zoomable } from "./Zoomable";

interface Props {
  /** Which of the pictures. */
  readonly index: number;
  /** Those of a node; left out, those of the gallery. */
  readonly pictures?: readonly Picture[];
}

export function Viewer({ index: first, pictures: given }: Props) {
  const gallery = usePictures((state) => state.pictures);
  const pictures: readonly Picture[] = given ?? gallery;
  const comparable = useComparable(pictures, gallery);
  const [at, setAt] = useState(first);
  const [look, setLook] = useState(FITTED);
  const [other, setOther] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  const picture = pictures[at];
  if (!picture) return null;
  const compared = other === null ? undefined : comparable[other];
  const go = (by: number) => {
    const next = (at + by + pictures.length) % pictures.length;
    setAt(next);
    if (!given && next >= pictures.length - AHEAD) void asked(morePictures());
    setLook(FITTED);
  };
  const compare = () => setOther(other === null && comparable.length > 1 ? (at + 1) % comparable.length : null);
  const hear = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement && event.key.startsWith("Arrow")) return;
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act({ go, compare, setLook });
  };
  return (
    <div
      ref={box}
      className="viewer"
      role="dialog"
      aria-modal="true"
      aria-label={t("viewer.label", { name: picture.filename })}
      tabIndex={-1}
      onKeyDown={hear}
    >
      <header className="viewer-head">
        <h2>{picture.filename}</h2>
        <span className="quiet">{t("viewer.place", { at: at + 1, count: pictures.length })}</span>
        <Toolbar picture={picture} go={go} look={look} setLook={setLook} many={pictures.length > 1} />
        <button type="button" className="icon-button" aria-label={t("viewer.close")} onClick={closeDialog}>
          <X aria-hidden />
        </button>
      </header>
      <div className="viewer-body">
        {compared ? (
          <Compare one={picture} other={compared} pictures={comparable} choose={setOther} />
        ) : (
          <Zoomable url={pictureUrl(picture)} name={picture.filename} look={look} setLook={setLook} />
        )}
        <PictureData key={pictureUrl(picture)} picture={picture} />
      </div>
      {comparable.length > 1 && (
        <footer className="viewer-foot">
          <button type="button" className="quiet-button" aria-pressed={compared !== undefined} onClick={compare}>
            {t(compared ? "viewer.compareEnd" : "viewer.compare")}
          </button>
          <span className="quiet">{t("viewer.keys")}</span>
        </footer>
      )}
    </div>
  );
}

/** What a picture can be compared with: its neighbours; if it has none, all that were made. */
function useComparable(pictures: readonly Picture[], gallery: readonly Picture[]): readonly Picture[] {
  const [alone, ...more] = pictures;
  const isAlone = alone !== undefined && more.length === 0;
  useEffect(() => {
    if (isAlone) void asked(refreshPictures());
  }, [isAlone]);
  return isAlone ? [alone, ...gallery.filter((one) => pictureKey(one) !== pictureKey(alone))] : pictures;
}

/** So many pictures before the end of those that are known, more are asked for. */
const AHEAD = 3;

interface Hands {
  readonly go: (by: number) => void;
  readonly compare: () => void;
  readonly setLook: (change: (look: typeof FITTED) => typeof FITTED) => void;
}

const STEP = 80;
const FACTOR = 1.25;

const KEYS: Readonly<Record<string, (hands: Hands) => void>> = {
  Escape: closeDialog,
  ArrowLeft: ({ go }) => go(-1),
  ArrowRight: ({ go }) => go(1),
  ArrowUp: ({ setLook }) => setLook((look) => panned(look, 0, STEP)),
  ArrowDown: ({ setLook }) => setLook((look) => panned(look, 0, -STEP)),
  "+": ({ setLook }) => setLook((look) => zoomed(look, FACTOR)),
  "-": ({ setLook }) => setLook((look) => zoomed(look, 1 / FACTOR)),
  "0": ({ setLook }) => setLook(() => FITTED),
  c: ({ compare }) => compare(),
};
