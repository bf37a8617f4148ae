/** What a picture's file says of how it was made, and the way back to its graph. */
import { Workflow } from "lucide-react";
import { useEffect, useState } from "react";
import type { JsonObject } from "../../graph/json";
import type { Picture } from "../../store/run";
import { closeDialog } from "../../store/ui";
import { t } from "../../words";
import { asked } from "../queue/doing";
import { type Setting, type Told, toldBy } from "./carried";
import { pictureFile } from "./doing";
import { openGraph } from "./openGraph";

export function PictureData({ picture }: { readonly picture: Picture }) {
  const told = useTold(picture);
  if (!told) return <aside className="picture-data" aria-busy="true" />;
  if (told instanceof Error) return <aside className="picture-data quiet">{told.message}</aside>;
  const { graph, parameters, settings } = told;
  return (
    <aside className="picture-data" aria-label={t("viewer.data")}>
      {graph ? (
        <button type="button" className="quiet-button" onClick={() => asked(openIt(graph, picture.filename))}>
          <Workflow aria-hidden />
          {t("viewer.openGraph")}
        </button>
      ) : (
        <p className="quiet">{t("viewer.noGraph")}</p>
      )}
      {parameters && <pre className="picture-parameters">{parameters}</pre>}
      {settings.map((setting, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes.
        <SettingTable key={at} setting={setting} />
      ))}
    </aside>
  );
}

function SettingTable({ setting }: { readonly setting: Setting }) {
  return (
    <section>
      <h3>{setting.node}</h3>
      <dl>
        {setting.values.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

async function openIt(graph: JsonObject, filename: string): Promise<void> {
  closeDialog(); // before, because what is missing is told in one
  await openGraph(graph, filename.replace(/\.\w+$/, ""));
}

function useTold(picture: Picture): Told | Error | undefined {
  const [told, setTold] = useState<Told | Error>();
  useEffect(() => {
    let over = false;
    pictureFile(picture)
      .then(toldBy)
      .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
      .then((found) => {
        if (!over) setTold(found);
      });
    return () => {
      over = true;
    };
  }, [picture]);
  return told;
}
