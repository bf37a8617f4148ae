/** A list that is fetched: whether it has come, and the button that fetches it again. */
import { RefreshCw } from "lucide-react";
import type { JsonObject } from "../graph/json";
import { t } from "../words";
import { ChoiceButton, type ChoiceProps } from "./ChoiceButton";
import { fetchList, useRemoteState } from "./remote";
import { writeOnce } from "./writing";

export function RemoteChoice(props: ChoiceProps & { readonly remote: JsonObject }) {
  const { place, row, remote } = props;
  const state = useRemoteState(remote);
  const refresh = async () => {
    const values = await fetchList(remote);
    const wanted = { first: values?.[0], last: values?.at(-1) }[String(remote.control_after_refresh)];
    if (wanted !== undefined) writeOnce(place, row.name, wanted);
  };
  return (
    <>
      <span className="remote-choice">
        <ChoiceButton {...props} />
        {(remote.refresh_button || state.problem) && (
          <button
            type="button"
            className="field-icon nodrag nopan"
            title={t("list.refresh")}
            disabled={state.isLoading}
            onClick={refresh}
          >
            <RefreshCw aria-label={t("list.refresh")} />
          </button>
        )}
      </span>
      <span role="status" className={state.problem ? "field-problem" : "field-remark"}>
        {state.isLoading && t("list.loading")}
        {state.problem && t("list.failed", { message: state.problem })}
      </span>
    </>
  );
}
