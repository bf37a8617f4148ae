/** Documents, the machine, and Run. */
import { InspectorButton } from "./inspector/InspectorButton";
import { AppMenu } from "./menu/AppMenu";
import { QueueButton } from "./queue/QueueButton";
import { Machine } from "./run/Machine";
import { RunButton } from "./run/RunButton";
import { TabStrip } from "./tabs/TabStrip";

export function TopBar() {
  return (
    <header className="topbar">
      <AppMenu />
      <TabStrip />
      <span className="topbar-gap" />
      <Machine />
      <RunButton />
      <QueueButton />
      <InspectorButton />
    </header>
  );
}
