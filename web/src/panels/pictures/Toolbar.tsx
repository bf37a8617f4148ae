/** What can be done with the picture that is looked at. */
import { ChevronLeft, ChevronRight, Copy, Download, Forward, Maximize, ZoomIn, ZoomOut } from "lucide-react";
import type { Dispatch, SetStateAction } from "react";
import { pictureUrl } from "../../store/pictures";
import type { Picture } from "../../store/run";
import { t } from "../../words";
import { asked } from "../queue/doing";
import { Action } from "../queue/JobRow";
import { copyPicture, sendToNode } from "./doing";
import { FITTED, type Look, zoomed } from "./viewing";

interface Props {
  readonly picture: Picture;
  readonly many: boolean;
  readonly go: (by: number) => void;
  readonly look: Look;
  readonly setLook: Dispatch<SetStateAction<Look>>;
}

export function Toolbar({ picture, many, go, look, setLook }: Props) {
  return (
    <div className="viewer-tools" role="toolbar" aria-label={t("viewer.tools")}>
      {many && <Action icon={ChevronLeft} word="viewer.previous" act={() => go(-1)} />}
      {many && <Action icon={ChevronRight} word="viewer.next" act={() => go(1)} />}
      <Action
        icon={ZoomOut}
        word="viewer.smaller"
        disabled={look.zoom === 1}
        act={() => setLook((at) => zoomed(at, 0.8))}
      />
      <Action icon={ZoomIn} word="viewer.larger" act={() => setLook((at) => zoomed(at, 1.25))} />
      <Action icon={Maximize} word="viewer.fit" disabled={look.zoom === 1} act={() => setLook(FITTED)} />
      <Action icon={Copy} word="viewer.copy" act={() => asked(copyPicture(picture))} />
      <a
        className="icon-button"
        href={pictureUrl(picture)}
        download={picture.filename}
        aria-label={t("viewer.download")}
        title={t("viewer.download")}
      >
        <Download aria-hidden />
      </a>
      <Action icon={Forward} word="viewer.send" act={() => asked(sendToNode(picture))} />
    </div>
  );
}
