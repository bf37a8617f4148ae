/** Inputs or outputs with their types; what they are for is told with `explained`. */
import type { Json } from "../../graph/json";
import { asText } from "../../graph/json";
import { t } from "../../words";
import { Inline } from "../inspector/Prose";
import { TypeName } from "./TypeName";

interface Socket {
  readonly name: string;
  readonly type: Json;
  readonly required?: boolean;
  readonly tooltip?: string;
  readonly options?: { readonly [key: string]: Json };
}

interface Props {
  readonly title: string;
  readonly sockets: readonly Socket[];
  readonly explained?: boolean;
}

export function Sockets({ title, sockets, explained = false }: Props) {
  if (sockets.length === 0) return null;
  return (
    <section className="sockets">
      <h3>{title}</h3>
      <dl>
        {sockets.map((socket, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two sockets may have one name; their order is the node's.
          <div key={index}>
            <dt>
              {socket.name}
              {socket.required === false && <span className="quiet"> {t("node.optional")}</span>}
            </dt>
            <dd>
              <TypeName type={socket.type} />
              {explained && (
                <p>
                  <Inline text={socket.tooltip || asText(socket.options?.tooltip)} />
                </p>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
