/** The rail's pictures: what was made, the newest first, more as one scrolls. */
import { useEffect, useRef } from "react";
import type { MadePicture } from "../../api/jobs";
import { smallAddress } from "../../fields/pictures";
import { morePictures, pictureKey, refreshPictures, usePictures } from "../../store/pictures";
import { useQueue } from "../../store/queue";
import { openDialog } from "../../store/ui";
import { t } from "../../words";
import { Panel } from "../parts/Panel";
import { asked } from "../queue/doing";

export function Pictures() {
  const { pictures, before, loaded } = usePictures();
  const changes = useQueue((state) => state.past);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `changes` says when to ask again.
  useEffect(() => {
    refreshPictures().catch(() => undefined); // the status line says that the server is out of reach
  }, [changes]);
  return (
    <Panel title={t("pictures.title")} className="panel-plain pictures">
      {loaded && pictures.length === 0 && <p className="quiet">{t("pictures.none")}</p>}
      <ul className="pictures-grid">
        {pictures.map((picture, at) => (
          <li key={pictureKey(picture)}>
            <Thumbnail picture={picture} at={at} />
          </li>
        ))}
      </ul>
      {before !== null && <More key={before} />}
    </Panel>
  );
}

function Thumbnail({ picture, at }: { readonly picture: MadePicture; readonly at: number }) {
  return (
    <button
      type="button"
      className="thumbnail"
      title={picture.filename}
      onClick={() => openDialog("pictures", { index: at })}
    >
      <img src={smallAddress(picture)} alt={picture.filename} loading="lazy" decoding="async" />
    </button>
  );
}

/** How near, in pixels, it comes to being seen before it asks. */
const NEAR = 240;

/** Asks for more before it comes into sight, or when it is pressed. */
function More() {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const root = button.current?.closest(".panel") ?? null;
    const near = { root, rootMargin: `${NEAR}px` };
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && void asked(morePictures()), near);
    if (button.current) seen.observe(button.current);
    return () => seen.disconnect();
  }, []);
  return (
    <button ref={button} type="button" className="quiet-button" onClick={() => asked(morePictures())}>
      {t("queue.more")}
    </button>
  );
}
