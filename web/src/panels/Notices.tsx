/** What the editor has to say, read out too. */
export function Notices() {
  return <div className="notices" />;
}
