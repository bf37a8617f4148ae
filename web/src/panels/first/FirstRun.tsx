/** What the empty canvas says: how a picture is made with one click, and what else one could do. */
import { ImageDown, LayoutTemplate, Plus, Sparkles } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { address } from "../../api/client";
import { perform } from "../../commands";
import { loadGallery, type Template, useGallery } from "../../store/gallery";
import { activeCanvas, activeTab, useTabs } from "../../store/tabs";
import { notify, useUi } from "../../store/ui";
import { t } from "../../words";
import { openTemplate } from "../templates/opening";

export function FirstRun() {
  const empty = useTabs((state) => activeCanvas(state).nodes.size === 0 && activeTab(state).scope.length === 0);
  const covered = useUi((state) => state.dialog !== null);
  return empty && !covered ? <Offers /> : null;
}

function Offers() {
  const first = useGallery((state) => state.templates.find(({ missing }) => missing.length === 0));
  const loaded = useGallery((state) => state.loaded);
  useEffect(() => {
    if (!useGallery.getState().loaded) loadGallery().catch((error: Error) => notify("bad", error.message));
  }, []);
  if (!loaded) return null;
  return (
    <section className="first-run" aria-label={t("first.title")}>
      {first && <FirstGraph template={first} />}
      <div className="first-others">
        <Other icon={<LayoutTemplate aria-hidden />} command="view.templates" title={t("first.template")} />
        <Other icon={<Plus aria-hidden />} command="view.search" title={t("first.node")} keys="Tab" />
      </div>
      <p className="quiet">
        <ImageDown aria-hidden /> {t("first.drop")}
      </p>
    </section>
  );
}

/** The first graph of the gallery that can be run here: a click opens and runs it. */
function FirstGraph({ template }: { readonly template: Template }) {
  const make = async () => {
    if (await openTemplate(template)) await perform("run.run");
  };
  return (
    <button type="button" className="first-picture" onClick={() => void make()}>
      {template.picture && <img src={address(template.picture)} alt="" />}
      <span>
        <strong>
          <Sparkles aria-hidden /> {t("first.make")}
        </strong>
        <span className="quiet">{t("first.makeText")}</span>
      </span>
    </button>
  );
}

interface OtherProps {
  readonly icon: ReactNode;
  readonly command: string;
  readonly title: string;
  readonly keys?: string;
}

function Other({ icon, command, title, keys }: OtherProps) {
  return (
    <button type="button" className="plain-button" onClick={() => void perform(command)}>
      {icon} {title} {keys && <kbd>{keys}</kbd>}
    </button>
  );
}
