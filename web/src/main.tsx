import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { startFiles } from "./files/start";
import { startTheme } from "./look/theme";
import "./styles/tokens.css";
import "./styles/base.css";

startTheme();
const root = document.getElementById("root");
await startFiles();
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
