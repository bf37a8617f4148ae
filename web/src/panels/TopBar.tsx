/** Documents, the machine, and Run. */
import { AppMenu } from "./menu/AppMenu";

export function TopBar() {
  return (
    <header className="topbar">
      <AppMenu />
    </header>
  );
}
