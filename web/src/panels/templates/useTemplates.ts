/** Templates that answer a query, by group. */
import { useEffect, useMemo } from "react";
import { queryWords } from "../../graph/search";
import { titleScore } from "../../graph/wordMatch";
import { loadGallery, type Template, useGallery } from "../../store/gallery";
import { notify } from "../../store/ui";
import { t } from "../../words";

export interface TemplateGroup {
  readonly id: string;
  readonly title: string;
  readonly templates: readonly Template[];
}

export function useTemplates(query: string): readonly TemplateGroup[] {
  const templates = useGallery((state) => state.templates);
  useEffect(() => {
    loadGallery().catch((error: Error) => notify("bad", error.message));
  }, []);
  return useMemo(() => grouped(templates, queryWords(query)), [templates, query]);
}

/** In the server's order; within a group what can be run here comes first. */
export function grouped(templates: readonly Template[], words: readonly string[]): TemplateGroup[] {
  const groups = new Map<string, Template[]>();
  for (const template of templates.filter((one) => answers(one, words))) {
    groups.set(template.group, [...(groups.get(template.group) ?? []), template]);
  }
  return [...groups].map(([id, found]) => ({
    id,
    title: id === "shipped" ? t("templates.shipped") : id,
    templates: found.toSorted((left, right) => Number(left.missing.length > 0) - Number(right.missing.length > 0)),
  }));
}

function answers({ title, description, tags, group }: Template, words: readonly string[]): boolean {
  return words.length === 0 || titleScore([title, description, group, ...tags].join(" "), words) !== undefined;
}
