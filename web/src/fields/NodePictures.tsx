/** What a node shows: its picture in the making, else what it made last. */
import { asList, asObject, asText, isObject, type Json, writeJson } from "../graph/json";
import { inside } from "../store/instances";
import { type Picture, useRuns } from "../store/run";
import { openDialog } from "../store/ui";
import { t } from "../words";
import { Player } from "./Player";
import { pictureAddress, smallAddress } from "./pictures";

/** More would only be dots. */
const MOST = 16;

interface Props {
  readonly promptId: string;
  readonly title: string;
  /** Of a subgraph: it shows what the nodes inside show. */
  readonly isInstance?: boolean;
}

export function NodePictures({ promptId, title, isInstance = false }: Props) {
  const shown = <T,>(all: ReadonlyMap<string, T>) =>
    all.get(promptId) ?? (isInstance ? lastInside(all, promptId) : undefined);
  const preview = useRuns((runs) => shown(runs.previews));
  const outputs = useRuns((runs) => shown(runs.outputs));
  const pictures = outputs ? filesIn(outputs.images) : [];
  if (preview !== undefined) {
    return (
      <div className="node-pictures" data-live>
        <img src={preview} alt={`${title}: ${t("picture.preview")}`} draggable={false} />
      </div>
    );
  }
  return (
    <>
      {pictures.length > 0 && <Pictures pictures={pictures} title={title} />}
      {outputs && <Others outputs={outputs} />}
    </>
  );
}

function lastInside<T>(all: ReadonlyMap<string, T>, instance: string): T | undefined {
  return inside(all, instance).at(-1)?.[1];
}

function Pictures({ pictures, title }: { readonly pictures: readonly Picture[]; readonly title: string }) {
  const isOne = pictures.length === 1;
  return (
    <div className="node-pictures" data-many={isOne ? undefined : true}>
      {pictures.slice(0, MOST).map((picture, index) => {
        const name = isOne ? t("picture.one") : t("picture.of", { index: index + 1, count: pictures.length });
        return (
          <button
            key={pictureAddress(picture)}
            type="button"
            className="node-picture nodrag nopan"
            aria-label={`${title}: ${name}`}
            title={picture.filename}
            onClick={() => openDialog("pictures", { pictures, index })}
          >
            <img src={smallAddress(picture)} alt="" draggable={false} decoding="async" />
          </button>
        );
      })}
      {pictures.length > MOST && (
        <span className="field-remark">{t("picture.more", { count: pictures.length - MOST })}</span>
      )}
    </div>
  );
}

/** Texts, sounds and films, of which nodes of packs tell. */
function Others({ outputs }: { readonly outputs: Readonly<Record<string, Json>> }) {
  const texts = asList(outputs.text).map((text) => (typeof text === "string" ? text : writeJson(text)));
  return (
    <>
      {texts.length > 0 && <pre className="node-text nodrag nopan">{texts.join("\n")}</pre>}
      {filesIn(outputs.audio).map((file) => (
        <Player key={file.filename} file={file} kind="audio" />
      ))}
      {[...filesIn(outputs.video), ...filesIn(outputs.gifs)].map((file) => (
        <Player key={file.filename} file={file} kind="video" />
      ))}
    </>
  );
}

function filesIn(list: Json | undefined): Picture[] {
  return asList(list)
    .filter(isObject)
    .map(asObject)
    .map(({ filename, subfolder, type }) => ({
      filename: asText(filename),
      subfolder: asText(subfolder),
      type: asText(type, "output"),
    }));
}
