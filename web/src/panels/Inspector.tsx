/** What is selected: a node's documentation, inputs and problems, or a picture's data. */
export function Inspector() {
  return <aside className="inspector" />;
}
