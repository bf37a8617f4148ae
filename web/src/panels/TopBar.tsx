/** Documents, the machine, and Run. */
export function TopBar() {
  return <header className="topbar" />;
}
