/** What a user may say of nodes: how they are called, whether they run, which colour they have. */
import { PALETTE } from "../../editor/tint";
import type { GraphNode } from "../../graph/document";
import { MODE } from "../../graph/document";
import { patchNodes, setColor, setTitle } from "../../graph/edits/nodes";
import { edit, settleEdits } from "../../store/tabs";
import { t, type Word } from "../../words";

const MODES: readonly (readonly [mode: number, word: Word])[] = [
  [MODE.always, "mode.always"],
  [MODE.muted, "mode.muted"],
  [MODE.bypassed, "mode.bypassed"],
];

export function Properties({ nodes }: { readonly nodes: readonly GraphNode[] }) {
  const [first] = nodes;
  const ids = nodes.map((node) => node.id);
  if (!first) return null;
  const mode = nodes.every((node) => node.mode === first.mode) ? first.mode : -1;
  const colour = nodes.every((node) => node.color === first.color) ? first.color : "";
  return (
    <section className="properties" aria-label={t("inspector.properties")}>
      {nodes.length === 1 && <TitleProperty node={first} />}
      <fieldset className="segments">
        <legend>{t("inspector.mode")}</legend>
        {MODES.map(([value, word]) => (
          <button
            key={word}
            type="button"
            aria-pressed={mode === value}
            onClick={() => edit(t(word), (canvas) => patchNodes(canvas, ids, () => ({ mode: value })))}
          >
            {t(word)}
          </button>
        ))}
      </fieldset>
      <fieldset className="swatches">
        <legend>{t("inspector.colour")}</legend>
        <button
          type="button"
          aria-label={t("inspector.noColour")}
          aria-pressed={colour === undefined}
          onClick={() => edit(t("inspector.colour"), (canvas) => setColor(canvas, ids, undefined))}
        />
        {Object.entries(PALETTE).map(([name, colours]) => (
          <button
            key={name}
            type="button"
            style={{ background: colours.color }}
            aria-label={t(`colour.${name as keyof typeof PALETTE}`)}
            aria-pressed={colour === colours.color}
            onClick={() => edit(t("inspector.colour"), (canvas) => setColor(canvas, ids, colours))}
          />
        ))}
      </fieldset>
    </section>
  );
}

function TitleProperty({ node }: { readonly node: GraphNode }) {
  return (
    <label className="property">
      {t("inspector.title")}
      <input
        type="text"
        value={node.title ?? ""}
        placeholder={t("inspector.titleNone")}
        onChange={(event) => {
          const title = event.target.value;
          edit(t("inspector.title"), (canvas) => setTitle(canvas, node.id, title), `title ${node.id}`);
        }}
        onBlur={() => settleEdits()}
      />
    </label>
  );
}
