/** Whether the page is too narrow for a canvas, and whether the graph is shown as a form. */
import { useSyncExternalStore } from "react";
import { useUi } from "../store/ui";

const NARROW = "(max-width: 599px)";

export function isForm(): boolean {
  return useUi.getState().form ?? matchMedia(NARROW).matches;
}

export function useForm(): boolean {
  const narrow = useSyncExternalStore(follow, () => matchMedia(NARROW).matches);
  return useUi((state) => state.form) ?? narrow;
}

export function toggleForm(): void {
  useUi.setState({ form: !isForm() });
}

function follow(changed: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}
