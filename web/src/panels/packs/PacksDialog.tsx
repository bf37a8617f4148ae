/** What became of every node pack: its nodes, or why it has none, and what to do. */

import { type Pack, usePacks } from "../../store/packs";
import { closeDialog } from "../../store/ui";
import { t } from "../../words";
import { Modal } from "../files/Modal";
import "../../styles/packs.css";

export function PacksDialog() {
  const packs = usePacks((state) => state.packs);
  const close = (
    <button type="button" className="primary-button" onClick={closeDialog}>
      {t("packs.close")}
    </button>
  );
  return (
    <Modal title={t("packs.title")} actions={close} onCancel={closeDialog}>
      {packs.length === 0 && <p className="quiet">{t("packs.none")}</p>}
      <ul className="packs">
        {packs.map((pack) => (
          <PackRow key={pack.name} pack={pack} />
        ))}
      </ul>
    </Modal>
  );
}

function PackRow({ pack }: { readonly pack: Pack }) {
  return (
    <li className="pack" data-state={pack.troubles.length > 0 ? "bad" : "good"}>
      <h3>{pack.name}</h3>
      <p className="quiet">{stateOf(pack)}</p>
      {pack.troubles.map(({ message, remedy, traceback }) => (
        <div key={message} className="pack-trouble">
          <p>{message}</p>
          <p className="quiet">{remedy}</p>
          {traceback && <More title={t("packs.traceback")} lines={[traceback]} />}
        </div>
      ))}
      {pack.patches.length > 0 && <p>{t("packs.patches", { names: pack.patches.join(", ") })}</p>}
      {pack.findings.length > 0 && (
        <More title={t("packs.findings", { count: pack.findings.length })} lines={pack.findings} />
      )}
    </li>
  );
}

function More({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <details>
      <summary>{title}</summary>
      <pre>{lines.join("\n")}</pre>
    </details>
  );
}

function stateOf({ state, seconds, nodes }: Pack): string {
  if (state === "loaded") return t("packs.loaded", { seconds: seconds.toFixed(1), count: nodes.length });
  return t(state === "refused" ? "packs.refused" : "packs.failed");
}
