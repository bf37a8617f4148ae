/** A node in the panel: it is dragged, clicked, or liked. */
import type { NodeDefinition } from "../../graph/catalogue";
import { firstParagraph } from "../inspector/paragraphs";
import { startDrag } from "../parts/dragging";
import { Marked } from "../parts/Marked";
import { addChosen } from "../search/adding";
import { FavouriteButton } from "../search/FavouriteButton";
import { NodeMarks } from "../search/NodeMarks";

interface Props {
  readonly definition: NodeDefinition;
  readonly words: readonly string[];
}

export function NodeRow({ definition, words }: Props) {
  return (
    <div className="node-row">
      <button
        type="button"
        draggable
        title={firstParagraph(definition.description)}
        onDragStart={(event) => startDrag(event, { name: definition.name })}
        onClick={() => addChosen(definition)}
      >
        <span className="node-row-title">
          <Marked title={definition.title} words={words} />
        </span>
        <NodeMarks definition={definition} />
      </button>
      <FavouriteButton name={definition.name} title={definition.title} />
    </div>
  );
}
