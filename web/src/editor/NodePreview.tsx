/** What a node shows: the picture in the making, else what it made last. */
import { address } from "../api/client";
import { asList, asObject, asText } from "../graph/json";
import { type Picture, useRuns } from "../store/run";
import { t } from "../words";

export function NodePreview({ promptId, title }: { readonly promptId: string; readonly title: string }) {
  const preview = useRuns((runs) => runs.previews.get(promptId));
  const outputs = useRuns((runs) => runs.outputs.get(promptId));
  if (preview)
    return (
      <div className="node-preview">
        <img src={preview} alt={t("card.preview", { title })} draggable={false} />
      </div>
    );
  const pictures = outputs ? picturesIn(outputs.images) : [];
  const texts = outputs
    ? asList(outputs.text)
        .map((text) => asText(text))
        .filter(Boolean)
    : [];
  if (pictures.length === 0 && texts.length === 0) return null;
  return (
    <div className="node-preview" data-many={pictures.length > 1 || undefined}>
      {pictures.map((picture, index) => (
        <img
          key={picture.filename}
          src={address("view", { ...picture })}
          alt={t("card.picture", { title, number: index + 1 })}
          loading="lazy"
          draggable={false}
        />
      ))}
      {texts.map((text) => (
        <pre key={text}>{text}</pre>
      ))}
    </div>
  );
}

function picturesIn(images: unknown): Picture[] {
  return asList(images).map((image) => {
    const { filename, subfolder, type } = asObject(image);
    return { filename: asText(filename), subfolder: asText(subfolder), type: asText(type, "output") };
  });
}
