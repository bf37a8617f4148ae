/** A sound or a film of the server, to be heard or seen. */
import type { Picture } from "../store/run";
import { pictureAddress } from "./pictures";

interface Props {
  readonly file: Picture;
  readonly kind: "audio" | "video";
  readonly onGone?: () => void;
}

export function Player({ file, kind: Kind, onGone }: Props) {
  return (
    // The user's own recording: nobody wrote captions for it.
    <Kind className="player nodrag nopan" controls preload="metadata" src={pictureAddress(file)} onError={onGone} />
  );
}
