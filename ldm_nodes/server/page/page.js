// The page of a server whose editor has not been built: what runs, what waits, what came out, graphs to try.

const find = (id) => document.getElementById(id);
const sid = sessionStorage.getItem("clientId") ?? crypto.randomUUID?.() ?? String(Math.random()).slice(2);
sessionStorage.setItem("clientId", sid);
let paused = false;

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const answer = await fetch(path, options);
  if (answer.status === 401) find("login").hidden = false;
  if (!answer.ok) throw new Error(await answer.text());
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

function item(list, text, action, label) {
  const line = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = text;
  line.append(name);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", action);
    line.append(button);
  }
  list.append(line);
}

async function queue(name) {
  find("refusal").textContent = "";
  const prompt = await ask(`graphs/${encodeURIComponent(name)}`);
  try {
    await ask("prompt", { prompt, client_id: sid });
  } catch (refused) {
    find("refusal").textContent = refused.message;
  }
}

async function showGraphs() {
  const list = find("graphs");
  list.replaceChildren();
  for (const name of await ask("graphs")) item(list, name, () => queue(name), "Run");
}

async function showJobs() {
  const page = await ask("jobs?limit=20");
  const list = find("jobs");
  list.replaceChildren();
  for (const job of page.jobs) {
    const waits = job.state === "queued" || job.state === "running";
    const cancel = () => ask(`jobs/${encodeURIComponent(job.id)}/cancel`, {});
    item(list, `${job.state} · ${job.id.slice(0, 8)} ${job.reason}`, waits ? cancel : null, "Cancel");
  }
  paused = Boolean(page.paused);
  find("pause").textContent = paused ? "Resume the queue" : "Pause the queue";
}

async function showPictures() {
  const history = await ask("history?max_items=12");
  const place = find("pictures");
  place.replaceChildren();
  for (const entry of Object.values(history).reverse()) {
    for (const output of Object.values(entry.outputs)) {
      for (const image of output.images ?? []) {
        const query = new URLSearchParams({ filename: image.filename, subfolder: image.subfolder, type: image.type });
        const link = document.createElement("a");
        const picture = document.createElement("img");
        link.href = `view?${query}`;
        picture.src = `view?${query}&preview=webp`;
        picture.alt = image.filename;
        picture.loading = "lazy";
        link.append(picture);
        place.append(link);
      }
    }
  }
}

function told({ type, data }) {
  if (type === "status") {
    const count = data.status.exec_info.queue_remaining;
    find("status").textContent = count === 1 ? "1 job" : `${count} jobs`;
    showJobs();
  } else if (type === "executing") {
    find("now").textContent = data.node === null ? "Nothing runs." : `Node ${data.node}`;
    if (data.node === null) {
      find("bar").value = 0;
      find("preview").hidden = true;
      showPictures();
    }
  } else if (type === "progress") {
    find("bar").value = data.value / data.max;
    find("now").textContent = `Node ${data.node}: ${data.value} of ${data.max}`;
  } else if (type === "execution_error") {
    find("refusal").textContent = data.exception_message;
  }
}

function drawn(buffer) {
  const view = new DataView(buffer);
  if (view.getUint32(0) !== 4) return;
  const picture = new Blob([buffer.slice(8 + view.getUint32(4))], { type: "image/jpeg" });
  const shown = find("preview");
  URL.revokeObjectURL(shown.src);
  shown.src = URL.createObjectURL(picture);
  shown.hidden = false;
}

function connect() {
  const url = new URL(`ws?clientId=${encodeURIComponent(sid)}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => {
    socket.send(JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } }));
  });
  socket.addEventListener("message", ({ data }) => typeof data === "string" ? told(JSON.parse(data)) : drawn(data));
  socket.addEventListener("close", () => {
    find("status").textContent = "not connected";
    setTimeout(connect, 1000);
  });
}

find("stop").addEventListener("click", () => ask("interrupt", {}));
find("pause").addEventListener("click", async () => {
  await ask(paused ? "jobs/resume" : "jobs/pause", {});
  showJobs();
});
find("login").querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await ask("login", { token: find("token").value });
    location.reload();
  } catch (refused) {
    find("login").querySelector(".error").textContent = refused.message;
  }
});

try {
  await showGraphs();
  await showJobs();
  await showPictures();
  connect();
} catch (refused) {
  find("status").textContent = refused.message;
}
