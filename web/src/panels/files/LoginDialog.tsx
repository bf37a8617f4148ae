/** The server asks for a token: until it has one, requests wait. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { logIn, useLogin } from "../../api/login";
import { t } from "../../words";

export function LoginDialog() {
  const wanted = useLogin((state) => state.wanted);
  return wanted ? <Login /> : null;
}

function Login() {
  const box = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => box.current?.showModal(), []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    const token = String(new FormData(event.currentTarget).get("token") ?? "");
    setProblem(await logIn(token).catch(() => t("login.noServer")));
    setBusy(false);
  };
  return (
    <dialog ref={box} className="modal" aria-labelledby="login-title" onCancel={(event) => event.preventDefault()}>
      <h2 id="login-title">{t("login.title")}</h2>
      <p>{t("login.told")}</p>
      <form onSubmit={submit}>
        <label className="modal-field">
          {t("login.token")}
          <input
            // biome-ignore lint/a11y/noAutofocus: nothing else can be done here.
            autoFocus
            name="token"
            type="password"
            autoComplete="current-password"
            required
          />
        </label>
        <p className="modal-problem" role="alert">
          {problem}
        </p>
        <div className="modal-actions">
          <button type="submit" className="primary-button" disabled={busy}>
            {t("login.go")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
