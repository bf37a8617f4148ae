/** Whether it is saved, and how the last run went. */
export function StatusLine() {
  return <footer className="statusline" />;
}
