/** Which subgraph is open, and the way back out. */
import { ChevronRight } from "lucide-react";
import { Fragment } from "react";
import { canvasAt, type Document, type Scope } from "../graph/document";
import { activeDocument, activeTab, openScope, useTabs } from "../store/tabs";
import { t } from "../words";
import { titleIn } from "./nodeFacts";

export function Breadcrumb() {
  const scope = useTabs((state) => activeTab(state).scope);
  const document = useTabs(activeDocument);
  if (scope.length === 0) return null;
  return (
    <nav className="breadcrumb" aria-label={t("subgraph.path")}>
      <button type="button" onClick={() => openScope([])}>
        {t("subgraph.root")}
      </button>
      {namesOf(document, scope).map((name, depth) => (
        <Fragment key={scope.slice(0, depth + 1).join(":")}>
          <ChevronRight aria-hidden />
          <button
            type="button"
            aria-current={depth === scope.length - 1 ? "page" : undefined}
            onClick={() => openScope(scope.slice(0, depth + 1))}
          >
            {name}
          </button>
        </Fragment>
      ))}
    </nav>
  );
}

function namesOf(document: Document, scope: Scope): string[] {
  return scope.map((id, depth) => {
    const node = canvasAt(document, scope.slice(0, depth)).nodes.get(id);
    return node ? titleIn(document, node) : id;
  });
}
