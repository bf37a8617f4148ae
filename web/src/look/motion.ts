/** Whether things move: as chosen, or as the system has it. `base.css` reads it from the page's root. */
import { usePreferences } from "../store/preferences";

export function startMotion(): void {
  const show = () => {
    document.documentElement.dataset.motion = usePreferences.getState().motion;
  };
  show();
  usePreferences.subscribe(show);
}
