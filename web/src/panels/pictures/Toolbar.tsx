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
    <div className="viewer-tools" role="toolbar" aria-label={t("picture.tools")}>
      {many && <Action icon={ChevronLeft} word="picture.previous" act={() => go(-1)} />}
      {many && <Action icon={ChevronRight} word="picture.next" act={() => go(1)} />}
      <Action
        icon={ZoomOut}
        word="picture.smaller"
        disabled={look.zoom === 1}
        act={() => setLook((at) => zoomed(at, 0.8))}
      />
      <Action icon={ZoomIn} word="picture.larger" act={() => setLook((at) => zoomed(at, 1.25))} />
      <Action icon={Maximize} word="picture.fit" disabled={look.zoom === 1} act={() => setLook(FITTED)} />
      <Action icon={Copy} word="picture.copy" act={() => asked(copyPicture(picture))} />
      <a
        className="icon-button"
        href={pictureUrl(picture)}
        download={picture.filename}
        aria-label={t("picture.download")}
        title={t("picture.download")}
      >
        <Download aria-hidden />
      </a>
      <Action icon={Forward} word="picture.send" act={() => asked(sendToNode(picture))} />
    </div>
  );
}
